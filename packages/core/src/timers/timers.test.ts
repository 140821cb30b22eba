/** Order, stopping, re-arming, and that one wake-up serves many: by examples, and against a model that searches. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { Timers, type Timer, type TimerOwner } from './timers.ts'

/** Wake-ups are this far apart at least, so a timer may be late by less. */
const GRAIN = 20

class Rig {
  readonly clock = new VirtualClock()
  readonly timers = new Timers(this.clock)
  /** `name@time`, in order. */
  readonly fired: string[] = []
  readonly owner: TimerOwner = { timerFired: (name) => this.fired.push(`${name}@${this.clock.now()}`) }

  start(ms: number, name: string): Timer {
    return this.timers.start(ms, name, this.owner)
  }
}

describe('firing', () => {
  it('is in the order of the times, not of the starting', () => {
    const rig = new Rig()
    for (const ms of [32_000, 500, 5_000, 1_000]) rig.start(ms, `t${ms}`)
    rig.clock.advance(32_000)
    expect(rig.fired).toEqual(['t500@500', 't1000@1000', 't5000@5000', 't32000@32000'])
  })

  it('is in the order of starting among those of one duration', () => {
    const rig = new Rig()
    for (const name of ['a', 'b', 'c']) rig.start(500, name)
    rig.clock.advance(500)
    expect(rig.fired).toEqual(['a@500', 'b@500', 'c@500'])
  })

  it('never comes early, and late by less than a grain', () => {
    const rig = new Rig()
    for (const ms of [10, 11, 29, 31]) rig.start(ms, `t${ms}`)
    rig.clock.advance(100)
    expect(rig.fired).toEqual(['t10@10', 't11@30', 't29@30', 't31@50'])
  })

  it('rounds up to whole milliseconds, and a negative time to none', () => {
    const rig = new Rig()
    rig.start(0.2, 'fraction')
    rig.start(-1, 'negative')
    expect(rig.timers.nextDue()).toBe(0)
    rig.clock.advance(0)
    expect(rig.fired).toEqual(['negative@0'])
    rig.clock.advance(GRAIN)
    expect(rig.fired).toEqual(['negative@0', `fraction@${GRAIN}`])
  })

  it('waits for the clock: a timer of no time is not fired from inside start', () => {
    const rig = new Rig()
    rig.start(0, 'zero')
    expect([rig.fired, rig.timers.size]).toEqual([[], 1])
  })

  it('lets an owner start again from inside its call', () => {
    const rig = new Rig()
    const owner: TimerOwner = {
      timerFired: (name) => {
        rig.owner.timerFired(name)
        if (rig.fired.length < 4) rig.timers.start(500, name, owner)
      },
    }
    rig.timers.start(500, 'A', owner)
    rig.clock.advance(60_000)
    expect(rig.fired).toEqual(['A@500', 'A@1000', 'A@1500', 'A@2000'])
    expect([rig.timers.size, rig.timers.nextDue()]).toEqual([0, Infinity])
  })

  it('serves the others of an owner that throws', () => {
    const rig = new Rig()
    rig.timers.start(500, 'bad', {
      timerFired: () => {
        throw new Error('a bug')
      },
    })
    rig.start(500, 'good')
    expect(() => rig.clock.advance(500)).toThrow('a bug')
    rig.clock.advance(GRAIN)
    expect(rig.fired).toEqual([`good@${500 + GRAIN}`])
  })
})

describe('stopping', () => {
  it('takes the first, the middle and the last of a duration out', () => {
    const rig = new Rig()
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((name) => rig.start(500, name))
    for (const timer of [a, c, e]) rig.timers.stop(timer)
    expect(rig.timers.size).toBe(2)
    rig.clock.advance(500)
    expect(rig.fired).toEqual(['b@500', 'd@500'])
    expect([b?.list, d?.list]).toEqual([undefined, undefined])
  })

  it('means nothing once more, after firing, or of nothing', () => {
    const rig = new Rig()
    const stopped = rig.start(500, 'stopped')
    const fired = rig.start(500, 'fired')
    rig.timers.stop(stopped)
    rig.timers.stop(stopped)
    rig.clock.advance(500)
    rig.timers.stop(fired)
    rig.timers.stop(undefined)
    rig.start(500, 'other')
    expect(rig.timers.size).toBe(1)
    rig.timers.stop(fired)
    rig.clock.advance(500)
    expect(rig.fired).toEqual(['fired@500', 'other@1000'])
  })

  it('works from inside another timer of the same moment', () => {
    const rig = new Rig()
    rig.timers.start(500, 'first', { timerFired: () => rig.timers.stop(second) })
    const second = rig.start(500, 'second')
    rig.clock.advance(1_000)
    expect([rig.fired, rig.timers.size]).toEqual([[], 0])
  })

  it('of all leaves nothing to wake for, and a later stop of one of them changes nothing', () => {
    const rig = new Rig()
    const old = [500, 500, 32_000].map((ms) => rig.start(ms, 'old'))
    rig.timers.stopAll()
    expect([rig.timers.size, rig.clock.next()]).toEqual([0, Infinity])
    rig.start(500, 'new')
    for (const timer of old) rig.timers.stop(timer)
    expect(rig.timers.size).toBe(1)
    rig.clock.advance(40_000)
    expect(rig.fired).toEqual(['new@500'])
  })
})

it('ten thousand timers of four durations cost one wake-up at a time', () => {
  const rig = new Rig()
  let pending = 0
  let most = 0
  const wakeAfter = rig.clock.wakeAfter.bind(rig.clock)
  rig.clock.wakeAfter = (ms, wake) => {
    most = Math.max(most, ++pending)
    const cancel = wakeAfter(ms, () => (pending--, wake()))
    return () => (pending--, cancel())
  }
  const durations = [500, 4_000, 5_000, 32_000]
  const timers = Array.from({ length: 10_000 }, (_, i) => rig.start(durations[i % 4]!, `t${durations[i % 4]!}`))
  for (let i = 0; i < timers.length; i += 2) rig.timers.stop(timers[i])
  expect(rig.timers.size).toBe(5_000)
  rig.clock.advance(32_000)
  expect(rig.fired).toHaveLength(5_000)
  expect(new Set(rig.fired)).toEqual(new Set(['t4000@4000', 't32000@32000']))
  // The one that is served is over by then, or was taken back.
  expect(most).toBeLessThanOrEqual(2)
})

type Action = { start: number } | { stop: number } | { advance: number }

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ start: fc.constantFrom(0, 1, 3, 500, 501, 4_000, 32_000) }),
  fc.record({ stop: fc.nat(40) }),
  fc.record({ advance: fc.constantFrom(0, 1, 4, 250, 500, 3_999, 32_000) }),
)

it('fires what a list that is searched each time would fire', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const clock = new VirtualClock()
      const timers = new Timers(clock)
      const started: { timer: Timer; due: number }[] = []
      const running = new Set<number>()
      let lastDue = 0
      for (const each of actions) {
        if ('start' in each) {
          const id = started.length
          const due = clock.now() + each.start
          const timerFired = (): void => {
            expect(running.delete(id), 'fired once, and not when stopped').toBe(true)
            expect(due, 'in the order of the times').toBeGreaterThanOrEqual(lastDue)
            expect(clock.now() - due, 'not early').toBeGreaterThanOrEqual(0)
            expect(clock.now() - due, 'hardly late').toBeLessThan(GRAIN)
            lastDue = due
          }
          started.push({ timer: timers.start(each.start, 'x', { timerFired }), due })
          running.add(id)
        } else if ('stop' in each) {
          timers.stop(started[each.stop]?.timer)
          running.delete(each.stop)
        } else {
          clock.advance(each.advance)
          for (const id of running) expect(started[id]!.due + GRAIN).toBeGreaterThan(clock.now())
        }
        expect(timers.size).toBe(running.size)
        expect(timers.nextDue()).toBe(Math.min(Infinity, ...[...running].map((id) => started[id]!.due)))
      }
      clock.advance(32_000 + GRAIN)
      expect([running.size, timers.size]).toEqual([0, 0])
    }),
    { numRuns: 300 },
  )
})
