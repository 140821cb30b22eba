/** Time that a test moves. */
import { describe, expect, it } from 'vitest'
import { VirtualClock } from './virtual-clock.ts'

function rig(): { clock: VirtualClock; woken: string[]; wakeAfter: (ms: number, name: string) => () => void } {
  const clock = new VirtualClock()
  const woken: string[] = []
  const wakeAfter = (ms: number, name: string): (() => void) =>
    clock.wakeAfter(ms, () => woken.push(`${name}@${clock.now()}`))
  return { clock, woken, wakeAfter }
}

describe('wake-ups', () => {
  it('come in the order of their times, and of their asking where these are the same', () => {
    const { clock, woken, wakeAfter } = rig()
    wakeAfter(20, 'c')
    wakeAfter(10, 'a')
    wakeAfter(10, 'b')
    clock.advance(30)
    expect([woken, clock.now(), clock.next()]).toEqual([['a@10', 'b@10', 'c@20'], 30, Infinity])
  })

  it('come only when time goes on, even those of no time', () => {
    const { clock, woken, wakeAfter } = rig()
    wakeAfter(0, 'now')
    wakeAfter(-5, 'before')
    expect([woken, clock.next()]).toEqual([[], 0])
    clock.advance(0)
    expect(woken).toEqual(['now@0', 'before@0'])
  })

  it('that are taken back do not come', () => {
    const { clock, woken, wakeAfter } = rig()
    const takeBack = wakeAfter(10, 'a')
    wakeAfter(10, 'b')
    takeBack()
    takeBack()
    clock.advance(10)
    expect(woken).toEqual(['b@10'])
  })

  it('that ask for others within the time are followed by them', () => {
    const { clock, woken, wakeAfter } = rig()
    clock.wakeAfter(10, () => void wakeAfter(10, 'second'))
    clock.advance(25)
    expect(woken).toEqual(['second@20'])
  })

  it('leave time where it is when it is told to go back', () => {
    const { clock } = rig()
    clock.goTo(100)
    clock.goTo(50)
    expect(clock.now()).toBe(100)
  })
})
