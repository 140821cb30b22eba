/** Counters with labels that cannot grow. */
import { expect, it } from 'vitest'
import { Counter, Counters } from './counters.ts'

it('counts by label', () => {
  const counter = new Counter()
  for (const label of ['a', 'b', 'a']) counter.add(label)
  expect([counter.get('a'), counter.get('b'), counter.get('c'), [...counter.entries()]]).toEqual([
    2,
    1,
    0,
    [
      ['a', 2],
      ['b', 1],
    ],
  ])
})

it('counts what is not on its list as other', () => {
  const counter = new Counter(['a'])
  for (const label of ['a', 'A', 'x', '__proto__']) counter.add(label)
  expect(Object.fromEntries(counter.entries())).toEqual({ a: 1, other: 3 })
})

it('RFC 3261 §7.1: methods are those that somebody registered', () => {
  const { requests } = new Counters()
  for (const method of ['INVITE', 'invite', 'PUBLISH', 'X-EVIL']) requests.add(method)
  expect(Object.fromEntries(requests.entries())).toEqual({ INVITE: 1, PUBLISH: 1, other: 2 })
})
