/** Branches and tags. */
import { expect, it } from 'vitest'
import { isToken } from '../message/chars.ts'
import { Ids } from './ids.ts'

it('RFC 3261 §8.1.1.7: a branch begins with the cookie, is a token, and is no other’s', () => {
  const ids = new Ids()
  const branches = Array.from({ length: 1_000 }, () => ids.branch())
  expect(branches.every((branch) => branch.startsWith('z9hG4bK') && isToken(branch))).toBe(true)
  expect(new Set(branches).size).toBe(1_000)
})

it('RFC 3261 §19.3: a tag is a token with 32 bits of randomness, and no other’s', () => {
  const [one, other] = [new Ids(), new Ids()]
  const tags = Array.from({ length: 100 }, () => [one.tag(), other.tag()]).flat()
  expect(tags.every((tag) => isToken(tag) && /^[0-9a-f]{12}-/.test(tag))).toBe(true)
  expect(new Set(tags).size).toBe(200)
})

it('says in a branch how far the CSeq was raised, for the process after this one', () => {
  const [earlier, later] = [new Ids('aa'), new Ids('bb')]
  expect([earlier.branch('x'), earlier.branch('x', 2)].map((branch) => later.shiftOfEarlier(branch))).toEqual([0, 2])
  expect(earlier.shiftOfEarlier(earlier.branch('x', 2))).toBeUndefined()
  expect(['z9hG4bK1', 'z9hG4bKaa.1~x.y', 'aa.1~1.y', ''].map((branch) => later.shiftOfEarlier(branch))).toEqual(
    Array(4).fill(undefined),
  )
})

it('gives the same ids for the same beginning, for tests', () => {
  const [one, other] = [new Ids('x'), new Ids('x')]
  expect([one.branch(), one.branch(), one.tag()]).toEqual([other.branch(), other.branch(), other.tag()])
})
