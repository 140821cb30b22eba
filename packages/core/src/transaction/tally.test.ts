/** Counts by kind, and no room for a kind of which there is none. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Tally } from './tally.ts'

it('counts up and down', () => {
  const tally = new Tally()
  for (const kind of ['a', 'b', 'a']) tally.add(kind)
  expect([tally.get('a'), tally.get('b'), tally.get('c'), tally.kinds]).toEqual([2, 1, 0, 2])
  tally.remove('a')
  tally.remove('b')
  expect([tally.get('a'), tally.get('b'), tally.kinds]).toEqual([1, 0, 1])
})

it('never counts below none', () => {
  const tally = new Tally()
  tally.remove('a')
  tally.add('a')
  expect([tally.get('a'), tally.kinds]).toEqual([1, 1])
})

it('is what a list would say, after any additions and removals', () => {
  const change = fc.record({ kind: fc.constantFrom('a', 'b', 'c', '__proto__'), isAdded: fc.boolean() })
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const tally = new Tally()
      const list: string[] = []
      for (const { kind, isAdded } of changes) {
        if (isAdded) {
          tally.add(kind)
          list.push(kind)
        } else if (list.includes(kind)) {
          tally.remove(kind)
          list.splice(list.indexOf(kind), 1)
        }
        expect(tally.get(kind)).toBe(list.filter((each) => each === kind).length)
      }
      expect(tally.kinds).toBe(new Set(list).size)
    }),
  )
})
