/** RFC 7616 §3.4: a nonce that is used again counts up. */
import { expect, it } from 'vitest'
import { NonceCounts } from './nonce-counts.ts'

it('RFC 7616 §3.4: each nonce of each realm counts by itself', () => {
  const counts = new NonceCounts()
  const seen = [counts.next('r', 'a'), counts.next('r', 'a'), counts.next('r', 'b'), counts.next('s', 'a')]
  expect(seen).toEqual([1, 2, 1, 1])
})

it('forgets the nonce that was unused for longest', () => {
  const counts = new NonceCounts(2)
  for (const nonce of ['a', 'b', 'a', 'c']) counts.next('r', nonce)
  expect([counts.next('r', 'a'), counts.next('r', 'b')]).toEqual([3, 1])
})

it('RFC 7616 §3.4: one that is used several times in a row has its place by the last of them', () => {
  const counts = new NonceCounts(2)
  for (const nonce of ['a', 'b', 'b', 'a', 'a', 'c', 'c']) counts.next('r', nonce)
  expect([counts.next('r', 'a'), counts.next('r', 'c'), counts.next('r', 'b')]).toEqual([4, 3, 1])
})

it('RFC 7616 §3.4: makes a cnonce of its own for each answer', () => {
  const counts = new NonceCounts()
  const [first, second] = [counts.freshCnonce(), counts.freshCnonce()]
  expect(first).toMatch(/^[0-9a-f]{32}$/)
  expect(second).not.toBe(first)
})
