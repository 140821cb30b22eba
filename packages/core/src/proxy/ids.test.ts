/** Branches and tags. */
import { describe, expect, it } from 'vitest'
import { isToken } from '../message/chars.ts'
import { ownerOf, ownerOfCall } from '../message/owner.ts'
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

describe('of a worker', () => {
  const workers = 3
  const all = Array.from({ length: workers }, (_, worker) => new Ids('aa', { worker, workers }))

  it('a branch says which one made it, and is read as one of ours by the next process', () => {
    const response = (branch: string) => Buffer.from(`SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=${branch}\r\n\r\n`)
    const branches = all.flatMap((ids) => [ids.branch('x'), ids.branch('x', 2)])
    expect(branches.map((branch) => ownerOf(response(branch), workers))).toEqual([0, 0, 1, 1, 2, 2])
    for (const later of [new Ids('bb', { worker: 1, workers: 2 }), new Ids('bb')])
      expect(branches.map((branch) => later.shiftOfEarlier(branch))).toEqual([0, 2, 0, 2, 0, 2])
    expect(all[0]!.shiftOfEarlier(new Ids('bb').branch('x', 2))).toBe(2)
    for (const ids of all) {
      expect(ids.branch().startsWith(ids.branchPrefix)).toBe(true)
      expect(ids.shiftOfEarlier(ids.branch())).toBeUndefined()
    }
  })

  it('a Call-ID belongs to the one that made it, and is no other’s', () => {
    const callIds = all.map((ids) => Array.from({ length: 200 }, () => ids.callId()))
    expect(callIds.map((made) => [...new Set(made.map((id) => ownerOfCall(id, workers)))])).toEqual([[0], [1], [2]])
    expect(new Set(callIds.flat()).size).toBe(600)
  })

  it('a tag is known to the one that made it', () => {
    const tags = all.map((ids) => ids.tag())
    expect(all.map((ids) => tags.map((tag) => ids.isTag(tag)))).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ])
  })

  it('alone, is as without workers', () => {
    const [alone, plain] = [new Ids('aa', { worker: 0, workers: 1 }), new Ids('aa')]
    const some = (ids: Ids) => [
      ids.branch(),
      ids.branch('x', 2),
      ids.tag(),
      ids.callId(),
      ids.callId(),
      ids.branchPrefix,
    ]
    expect(some(alone)).toEqual(['z9hG4bKaa.1.0', 'z9hG4bKaa.2~2.x', 'aa-1', 'aa-call-1', 'aa-call-2', 'z9hG4bKaa.'])
    expect(some(plain)).toEqual(some(new Ids('aa')))
  })
})
