import fc from 'fast-check'
import { expect, test } from 'vitest'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { Timers } from '../timers/timers.ts'
import { Agenda, type Appointment } from './agenda.ts'
import { Pace } from './pace.ts'

test('appointments are kept in the order of their times, cancelled ones not, by one timer of the core', () => {
  const times = fc.array(fc.record({ ms: fc.nat(10_000), isCancelled: fc.boolean() }), { maxLength: 300 })
  fc.assert(
    fc.property(times, (wanted) => {
      const clock = new VirtualClock()
      const timers = new Timers(clock)
      const agenda = new Agenda(timers)
      const kept: number[] = []
      const made = wanted.map(({ ms }): Appointment => agenda.after(ms, () => kept.push(ms)))
      for (const [index, { isCancelled }] of wanted.entries()) if (isCancelled) agenda.cancel(made[index])
      expect(timers.size).toBeLessThanOrEqual(1)
      clock.advance(11_000)
      const expected = wanted.filter(({ isCancelled }) => !isCancelled).map(({ ms }) => ms)
      expect(kept).toEqual(expected.toSorted((a, b) => a - b))
      expect(timers.size).toBe(0)
    }),
  )
})

test('one that is months away is kept, though no timer runs that long', () => {
  const clock = new VirtualClock()
  const agenda = new Agenda(new Timers(clock))
  let isKept = false
  agenda.after(2 ** 32, () => (isKept = true))
  clock.advance(2 ** 32 - 1)
  expect(isKept).toBe(false)
  clock.advance(1)
  expect(isKept).toBe(true)
})

test.each([0.5, 1, 7, 50, 1_000])('no second has more than %d starts, and none is lost', (rate) => {
  const clock = new VirtualClock()
  const pace = new Pace(new Agenda(new Timers(clock)), rate)
  const starts: number[] = []
  const crowd = Math.ceil(rate * 5)
  for (let i = 0; i < crowd; i++) pace.ask({ hasTurn: () => starts.push(clock.now()) }, i % 3 === 0)
  clock.advance(3_000)
  for (let i = 0; i < crowd; i++) pace.ask({ hasTurn: () => starts.push(clock.now()) }, false)
  clock.advance(20_000)
  expect(starts).toHaveLength(2 * crowd)
  for (const [index, time] of starts.entries()) {
    const within = starts.slice(index).filter((other) => other < time + 1_000)
    expect(within.length).toBeLessThanOrEqual(Math.ceil(rate) * 1.02)
  }
})

test('what is bound goes first, and who left has no turn', () => {
  const clock = new VirtualClock()
  const pace = new Pace(new Agenda(new Timers(clock)), 1)
  const turns: string[] = []
  const waiting = (name: string) => ({ hasTurn: () => turns.push(name) })
  const gone = waiting('gone')
  for (const name of ['a', 'b']) pace.ask(waiting(name), false)
  pace.ask(gone, true)
  pace.ask(waiting('bound'), true)
  pace.leave(gone)
  clock.advance(10_000)
  expect(turns).toEqual(['bound', 'a', 'b'])
})
