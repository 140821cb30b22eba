import { expect, test } from 'vitest'
import { Uri } from '../message/uri.ts'
import { Removals } from './removals.ts'

const DESK = Uri.parse('sip:alice@198.51.100.1;transport=udp')!

/** Of the REGISTER that removes. */
const order = { callId: 'c', cseq: 1 }

function contact(user: string, uri: Uri) {
  return { aor: { key: user, user, domain: undefined }, uri, callId: 'row', cseq: 1 }
}

function removal(uri: Uri) {
  return { all: false, changes: [{ uri, q: undefined, expires: 0, instance: '' }] } as const
}

test('RFC 3261 §19.1.4: a contact is known in another spelling; another contact, or address, is not it', () => {
  const removals = new Removals(10)
  removals.add('alice', removal(DESK), order)
  expect(removals.has(contact('alice', DESK))).toBe(true)
  expect(removals.has(contact('alice', Uri.parse('sip:%61lice@198.51.100.1;transport=UDP')!))).toBe(true)
  expect(removals.has(contact('alice', Uri.parse('sip:alice@198.51.100.2')!))).toBe(false)
  expect(removals.has(contact('bob', DESK))).toBe(false)
})

test('what is registered is no removal; * is every contact', () => {
  const removals = new Removals(10)
  removals.add('alice', { all: false, changes: [{ uri: DESK, q: undefined, expires: 60, instance: '' }] }, order)
  expect(removals.size).toBe(0)
  removals.add('alice', removal(Uri.parse('sip:alice@198.51.100.2')!), order)
  removals.add('alice', { all: true }, order)
  removals.add('alice', { all: true }, order)
  removals.add('alice', removal(DESK), order)
  expect(removals.size).toBe(2)
  expect(removals.has(contact('alice', Uri.parse('sip:alice@198.51.100.3')!))).toBe(true)
})

test('there are no more than the most: the oldest address is given up, and the same one twice is one', () => {
  const removals = new Removals(2)
  for (const user of ['a', 'b', 'b', 'c']) removals.add(user, removal(DESK), order)
  expect(['a', 'b', 'c'].map((user) => removals.has(contact(user, DESK)))).toEqual([false, true, true])
  for (let i = 0; i < 10; i++) removals.add('d', removal(Uri.parse(`sip:d@198.51.100.${i}`)!), order)
  expect(removals.size).toBeLessThanOrEqual(2)
})
