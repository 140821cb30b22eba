/** What a request must pass before a route sees it. */
import { describe, expect, it } from 'vitest'
import { H } from '../message/header-names.ts'
import { parsed, requestText } from '../testing/layer-rig.ts'
import { validate } from './validation.ts'

const plain = requestText()

function statusOf(text: string): number | undefined {
  return validate(parsed(text))?.status
}

describe('Request-URI', () => {
  it.each(['sip:bob@example.net', 'sips:bob@example.net', 'SIP:bob@[2001:db8::1]:5070;transport=udp', 'tel:+4930123'])(
    'RFC 3261 §16.3 step 2: %s can be routed',
    (ruri) => expect(statusOf(requestText({ ruri }))).toBeUndefined(),
  )

  it.each(['http://example.net', 'mailto:bob@example.net', 'unknown:x'])('RFC 3261 §16.3 step 2: %s is 416', (ruri) =>
    expect(statusOf(requestText({ ruri }))).toBe(416),
  )

  it.each(['sip:', 'sip:bob@', 'bob', 'sip:bob@example.net:999999', '<sip:bob@example.net>', 'sip:b@c?Subject=x'])(
    'RFC 3261 §16.3 step 1: %s is 400',
    (ruri) => expect(statusOf(requestText({ ruri }))).toBe(400),
  )
})

describe('Max-Forwards', () => {
  it.each([
    ['0', 483],
    ['00', 483],
    ['1', undefined],
    ['70', undefined],
    ['255', undefined],
  ])('RFC 3261 §16.3 step 3: of %s gives %s', (value, status) =>
    expect(statusOf(plain.replace('Max-Forwards: 70', `Max-Forwards: ${value}`))).toBe(status),
  )

  it('RFC 3261 §16.3 step 3: may be missing', () =>
    expect(statusOf(plain.replace('Max-Forwards: 70\r\n', ''))).toBeUndefined())
})

describe('Proxy-Require', () => {
  it('RFC 3261 §16.3 step 5: every option tag comes back as Unsupported', () => {
    const request = parsed(requestText({ lines: ['Proxy-Require: a, b', 'Proxy-Require: c'] }))
    expect(validate(request)).toEqual({ status: 420, reason: 'Bad Extension', headers: [[H.Unsupported, 'a, b, c']] })
  })

  it('RFC 3261 §20.32: Require is for the user agent', () =>
    expect(statusOf(requestText({ lines: ['Require: 100rel'] }))).toBeUndefined())
})

it('RFC 3261 §16.3: the steps are taken in their order', () => {
  const bad = requestText({ ruri: 'http://x', lines: ['Proxy-Require: a'] }).replace('Forwards: 70', 'Forwards: 0')
  expect(statusOf(bad)).toBe(416)
  expect(statusOf(bad.replace('http://x', 'sip:x'))).toBe(483)
})
