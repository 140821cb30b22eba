import { afterEach, beforeEach, expect, test } from 'vitest'
import { Uri } from '../message/uri.ts'
import { bindingOf, rowOf, writtenColumns, type Moment } from './rows.ts'

const rules = { useDomain: true, isOwnAddress: () => false }
const now: Moment = { clock: 5_000, calendar: Date.UTC(2026, 6, 1, 10) }

const zone = process.env['TZ']
beforeEach(() => {
  process.env['TZ'] = 'Europe/Berlin'
})
afterEach(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

const binding = {
  aor: { key: 'alice@example.com', user: 'alice', domain: 'example.com' },
  ruid: 'r1',
  uri: Uri.from('sip:ä@192.0.2.7'),
  q: undefined,
  expiresAt: 65_000,
  callId: 'c',
  cseq: 3,
  userAgent: '',
  instance: '',
  socket: '',
}

function written(): Record<string, unknown> {
  const row = rowOf(binding, now)
  return Object.fromEntries(writtenColumns.map((name, i) => [name, row[i]]))
}

test('times are the machine’s local time, as Kamailio writes them', () => {
  expect(written()).toMatchObject({ expires: '2026-07-01 12:01:00', last_modified: '2026-07-01 12:00:00', q: -1 })
})

test('what is read is what was written', () => {
  expect(bindingOf(written(), rules, now)).toEqual(binding)
})

test.each([
  [{ contact: 'nonsense' }, undefined],
  [{ username: '' }, undefined],
  [{ expires: null }, undefined],
  [{ expires: now.calendar / 1_000 + 60 }, { expiresAt: 65_000 }],
  [{ q: 0.25 }, { q: 0.25 }],
  [{ domain: null }, { aor: { key: 'alice@', user: 'alice', domain: '' } }],
])('a row with %j', (changed, expected) => {
  const read = bindingOf({ ...written(), ...changed }, rules, now)
  if (expected === undefined) expect(read).toBeUndefined()
  else expect(read).toMatchObject(expected)
})
