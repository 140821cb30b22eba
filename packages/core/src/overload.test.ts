/** When the admission is told of overload: what is queued would wait too long or not fit, the event loop has no pause, and looking costs little. */
import { expect, it, onTestFinished } from 'vitest'
import { Admission } from './admission.ts'
import { defaultLimits } from './limits.ts'
import { OverloadWatch } from './overload.ts'

const KIB = 1024

function rig() {
  const admission = new Admission(defaultLimits, () => undefined)
  const warnings: string[] = []
  const silent = (): void => undefined
  const log = { debug: silent, info: silent, error: silent, warn: (text: string) => void warnings.push(text) }
  const state = { now: 0, waited: 0, queued: 0, cost: 0, looks: 0 }
  const socket = {
    room: 400 * KIB,
    queued: () => {
      state.looks++
      state.now += state.cost
      return state.queued
    },
  }
  const loop = { now: () => state.now, waited: () => state.waited }
  const watch = new OverloadWatch([{ room: 1, queued: () => 0 }, socket], admission, log, loop)
  onTestFinished(() => watch.close())
  /** Looks once, 20 ms after the look before; the loop has waited for some of them, and worked off some messages. */
  const look = (pause: number, queued: number, messages = 1_000): boolean => {
    Object.assign(state, { now: state.now + 20, waited: state.waited + pause, queued })
    for (let i = 0; i < messages; i++) watch.received()
    watch.look()
    return admission.isOverloaded
  }
  return { look, warnings, state }
}

it('RFC 3261 §21.5.4: a queue that is a quarter full is overload, and the log says so once', () => {
  const { look, warnings } = rig()
  const looks = [50, 100, 101, 101, 300, 101].map((queued) => look(0, queued * KIB))
  expect(looks).toEqual([false, false, false, true, true, true])
  expect(warnings).toEqual(['overloaded: new calls are answered 503'])
})

it('RFC 3261 §21.5.4: it is over as soon as the queue is short', () => {
  const { look, warnings } = rig()
  expect([look(0, 200 * KIB), look(0, 200 * KIB), look(0, 90 * KIB)]).toEqual([false, true, false])
  expect(warnings).toEqual(['overloaded: new calls are answered 503', 'no longer overloaded'])
})

it('a queue that is short is overload where each message takes long', () => {
  const { look } = rig()
  const queued = 80 * 1280 - 1
  expect([look(0, queued, 11), look(0, queued, 10), look(0, queued, 10)]).toEqual([false, false, true])
})

it('a standstill of the machine is none: what waited is worked off by the next look', () => {
  const { look } = rig()
  expect([look(0, 50 * KIB, 0), look(0, 0, 40), look(0, 50 * KIB, 0), look(0, KIB, 40)]).toEqual(Array(4).fill(false))
})

it('nobody looks at the queues while the loop has pauses, and a pause ends an overload', () => {
  const { look, state } = rig()
  expect([look(2, 300 * KIB), look(10, 300 * KIB)]).toEqual([false, false])
  expect(state.looks).toBe(0)
  expect([look(0, 300 * KIB), look(0, 300 * KIB), look(2, 300 * KIB)]).toEqual([false, true, false])
})

it('looks that take long are few', () => {
  const { look, state } = rig()
  state.cost = 10
  for (let i = 0; i < 100; i++) look(0, 200 * KIB)
  expect(state.looks * state.cost).toBeLessThan(state.now * 0.06)
  expect(state.looks).toBeGreaterThan(5)
})
