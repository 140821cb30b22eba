/** The timers that a bundle sees are Node's but for their turn; nothing of RFC 3261 is asked here. They are real, and short. */
import timers from 'node:timers'
import { promisify } from 'node:util'
import { beforeEach, expect, it } from 'vitest'
import { StackMap } from './stack-map.ts'
import { Turns } from './turns.ts'
import { UserTimers } from './user-timers.ts'

let ours: UserTimers
let turns: Turns

beforeEach(() => {
  turns = new Turns()
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  ours = new UserTimers({ turns, counters: { givenUp: () => undefined }, log: () => log }, new StackMap('x', '{}', '/'))
})

it('passes arguments on, in a turn of its own', async () => {
  const { setTimeout, setImmediate } = ours.functions
  const hops: (() => void)[] = []
  turns.hop = (go) => void hops.push(go)
  const fired: unknown[] = []
  setTimeout((...given) => fired.push(...given), 1, 'a', 'b')
  setImmediate((...given) => fired.push(...given), 'c')
  await expect.poll(() => hops.length).toBe(1)
  expect(fired).toEqual([])
  turns.hop = queueMicrotask
  hops[0]!()
  await expect.poll(() => new Set(fired)).toEqual(new Set(['a', 'b', 'c']))
})

it('gives handles that Node’s own functions know, and takes their numbers', async () => {
  const { setTimeout, setInterval, clearTimeout, clearInterval } = ours.functions
  const fired: string[] = []
  const first = setTimeout(() => fired.push('first'), 1)
  expect([first.hasRef(), first.unref().hasRef(), first.ref().refresh()]).toEqual([true, false, first])
  timers.clearTimeout(first)
  clearTimeout(Number(setTimeout(() => fired.push('second'), 1)))
  const interval = setInterval(() => fired.push('interval') === 3 && clearInterval(interval), 1)
  await expect.poll(() => fired).toEqual(['interval', 'interval', 'interval'])
  clearTimeout(undefined)
})

it('stops what has fired, but was not entered yet', async () => {
  const { setTimeout, clearTimeout } = ours.functions
  const fired: string[] = []
  const hops: (() => void)[] = []
  turns.hop = (go) => void hops.push(go)
  const handle = setTimeout(() => fired.push('late'), 1)
  await expect.poll(() => hops.length).toBe(1)
  clearTimeout(handle)
  hops[0]!()
  expect(fired).toEqual([])
})

it('makes promises, and is what a bundle requires', async () => {
  const required = ours.require('node:timers') as typeof ours.functions
  expect(required.setTimeout).toBe(ours.functions.setTimeout)
  expect(ours.require('timers/promises')).toHaveProperty('setTimeout')
  const sleep = promisify(ours.functions.setTimeout as unknown as typeof setTimeout)
  expect(await sleep(1, 'slept')).toBe('slept')
})

it('refuses what is no function where it is called', () => {
  expect(() => ours.functions.setTimeout('words' as never, 1)).toThrow(/callback.*function/)
})

it('fires nothing more once its generation is disposed', async () => {
  const fired: string[] = []
  ours.functions.setInterval(() => fired.push('interval'), 1)
  const again = ours.functions.setTimeout(() => fired.push('timeout'), 1)
  ours.dispose()
  again.refresh()
  ours.functions.setImmediate(() => fired.push('immediate'))
  await new Promise((resolve) => timers.setTimeout(resolve, 10))
  expect(fired).toEqual([])
})

it('stops an interval that was ended for looping: it would loop each time', async () => {
  const { setInterval, setTimeout } = ours.functions
  let fired = 0
  setInterval(() => {
    fired++
    turns.current!.overran('')
  }, 1)
  await new Promise<void>((resolve) => void setTimeout(() => setTimeout(() => resolve(), 10), 10))
  expect(fired).toBe(1)
})
