/** Which URIs name this proxy. */
import { describe, expect, it } from 'vitest'
import { Uri } from '../message/uri.ts'
import { OwnAddresses } from './own-addresses.ts'

const own = new OwnAddresses(
  [
    { host: '192.0.2.1', port: 5060 },
    { host: '2001:DB8::1', port: 5070 },
    { host: 'Proxy.Example.com', port: 5061 },
  ],
  ['SIP.example.net'],
)

describe('RFC 3261 §16.4: ours', () => {
  it.each([
    'sip:192.0.2.1',
    'sip:192.0.2.1:5060;lr;cs=1',
    'sip:anybody@192.0.2.1',
    'sip:[2001:db8::1]:5070',
    'sip:proxy.example.com:5061',
    'sips:PROXY.example.com',
    'sip:sip.example.net',
    'sip:sip.EXAMPLE.net:9999',
    'sips:sip.example.net',
  ])('%s', (uri) => expect(own.has(Uri.from(uri))).toBe(true))
})

describe('RFC 3261 §16.4: a maddr of ours', () => {
  it.each([
    ['sip:a@elsewhere;maddr=192.0.2.1', true],
    ['sip:a@elsewhere:5061;maddr=PROXY.example.com', true],
    ['sip:a@elsewhere:7000;maddr=sip.example.net', true],
    ['sip:a@elsewhere:5070;maddr=[2001:db8::1]', true],
    ['sip:a@elsewhere:5061;maddr=192.0.2.1', false],
    ['sip:a@elsewhere;maddr=192.0.2.2', false],
    ['sip:a@192.0.2.1', false],
    ['tel:+4930;maddr=192.0.2.1', false],
  ])('%s: %s', (uri, isOurs) => expect(own.hasMaddr(Uri.from(uri))).toBe(isOurs))
})

describe('RFC 3261 §16.4: not ours', () => {
  it.each([
    'sip:192.0.2.1:5070',
    'sip:192.0.2.2',
    'sips:192.0.2.1',
    'sip:[2001:db8::1]',
    'sip:[2001:db8::2]:5070',
    'sip:proxy.example.com',
    'sip:x.sip.example.net',
    'tel:+4930',
    'unknown:192.0.2.1',
  ])('%s', (uri) => expect(own.has(Uri.from(uri))).toBe(false))
})

it.each([
  ['sip:[0:0:0:0:0:0:0:1]:5060', 'an IPv6 address in another spelling'],
  ['sip:[2001:DB8:0::1]:5070', 'an alias that is an IPv6 address, in another spelling'],
  ['sip:proxy.example.', 'an alias with the root’s dot'],
])('%s: %s', (uri) => {
  const own = new OwnAddresses([{ host: '::1', port: 5060 }], ['[2001:db8::1]', 'proxy.example'])
  expect(own.has(Uri.from(uri))).toBe(true)
})

describe('a Route that looks as we write them', () => {
  const at = '<sip:192.0.2.1:5060;lr'

  it.each([`${at}>`, `${at};x=y>`, `${at};cs=1;ftag=a-1>`, '<sip:[2001:DB8::1]:5070;lr;vsf=~1aZ_-9>'])(
    '%s: its URI is known',
    (route) => expect(own.ownRoute(route)).toBe(route.slice(1, -1)),
  )

  it.each([
    `${at}>, ${at}>`,
    `${at}>;x=y`,
    `${at}x>`,
    `${at};>`,
    `${at};ftag=>`,
    `${at};ftag=a%3bb>`,
    `${at};ftag=a"b>`,
    `${at}`,
    `${at};`,
    '<sip:192.0.2.1;lr>',
    '<sip:192.0.2.2:5060;lr>',
    '',
  ])('%s: has to be read', (route) => expect(own.ownRoute(route)).toBeUndefined())
})
