import { expect, test } from 'vitest'
import { isLoopback, parseHostPort, parseListen } from './address.ts'

test.each([
  ['127.0.0.1:5060', { host: '127.0.0.1', port: 5060 }],
  ['sip.example.com', { host: 'sip.example.com' }],
  ['[::1]:0', { host: '::1', port: 0 }],
  ['[fe80::1%eth0]', { host: 'fe80::1%eth0' }],
])('%s is a host with or without a port', (text, expected) => {
  expect(parseHostPort(text)).toEqual(expected)
})

test.each(['', '::1', '::1:5060', 'host:', 'host:65536', 'host:x', 'sip:host', 'a b', '[::1'])('%j is none', (text) => {
  expect(parseHostPort(text)).toBeUndefined()
})

test('the SIP port is 5060 when none is written', () => {
  expect(parseListen('UDP:0.0.0.0')).toEqual({ transport: 'udp', host: '0.0.0.0', port: 5060 })
  expect(parseListen('udp:[::]')).toEqual({ transport: 'udp', host: '::', port: 5060 })
  expect(parseListen('0.0.0.0:5060')).toEqual({ transport: '0.0.0.0', host: '5060', port: 5060 })
  expect(parseListen('5060')).toBeUndefined()
})

test('a socket on localhost is one on 127.0.0.1', () => {
  expect(parseListen('udp:LocalHost:5080')).toEqual({ transport: 'udp', host: '127.0.0.1', port: 5080 })
})

test.each([
  ['127.0.0.1', true],
  ['127.8.0.1', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['127.evil.example', false],
])('loopback: %s %j', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})
