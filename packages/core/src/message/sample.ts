/** A well-formed INVITE, whole or with other lines, for the tests of this folder. Nothing of the product imports it. */
import { isMalformed, parseText, type Malformed } from './parse.ts'
import type { Message } from './message.ts'

export const requestLine = 'INVITE sip:bob@biloxi.example.com SIP/2.0'

/** The six fields of RFC 3261 §8.1.1, on lines 0 to 5. */
export const mandatory: readonly string[] = [
  'Via: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bKnashds8',
  'Max-Forwards: 70',
  'To: Bob <sip:bob@biloxi.example.com>',
  'From: Alice <sip:alice@atlanta.example.com>;tag=1928301774',
  'Call-ID: a84b4c76e66710@pc33.atlanta.example.com',
  'CSeq: 314159 INVITE',
]

/** A message on the wire: start line, lines, empty line, body. */
export function wire(lines: readonly string[], body = '', start = requestLine): string {
  return [start, ...lines, '', body].join('\r\n')
}

/** The INVITE with more lines behind the mandatory ones. */
export function invite(...lines: string[]): string {
  return wire([...mandatory, ...lines])
}

/** The INVITE with the mandatory field of that name replaced by a line, or left out. */
export function inviteBut(name: string, line?: string): string {
  return wire(mandatory.flatMap((each) => (each.startsWith(name + ':') ? (line ?? []) : each)))
}

/** The message that stands in `text`; fails the test when it is malformed. */
export function read(text: string): Message {
  const result = parseText(text)
  if (isMalformed(result)) throw new Error(`malformed: ${result.code} at ${result.offset}`)
  return result
}

/** What is wrong with `text`; fails the test when it is well-formed. */
export function readMalformed(text: string): Malformed {
  const result = parseText(text)
  if (!isMalformed(result)) throw new Error('well-formed, against expectation')
  return result
}
