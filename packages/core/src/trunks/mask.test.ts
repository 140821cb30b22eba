import { expect, test } from 'vitest'
import { withoutPassword } from './mask.ts'

test.each([
  ['sip:user:secret@host', 'sip:user:********@host'],
  ['SIPS:user:se:c@ret@host:5061;transport=tls', 'SIPS:user:********@host:5061;transport=tls'],
  ['sip:alice@example.com:secret@host', 'sip:alice@example.com:********@host'],
  ['sip::secret@host', 'sip::********@host'],
  ['user:secret@host', 'user:********@host'],
  ['<sip:user:secret@host>', '<sip:********@host>'],
  ['sip:user@host:5060', 'sip:user@host:5060'],
  ['sip:host:5060', 'sip:host:5060'],
  ['sip:[2001:db8::1]:5060', 'sip:[2001:db8::1]:5060'],
  ['', ''],
])('%s is shown as %s', (text, shown) => {
  expect(withoutPassword(text)).toBe(shown)
})
