/** Socket addresses to text and back, as often as peers come again. */
import { isIPv4 } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadLibc, type Libc } from './libc.ts'
import { NAME_WORDS, SocketAddresses } from './socket-address.ts'

let libc: Libc

beforeAll(async () => {
  const loaded = await loadLibc()
  if (typeof loaded === 'string') throw new Error(loaded)
  libc = loaded
})

function roundTrip(addresses: SocketAddresses, address: string, port: number): [string, number] | undefined {
  const words = new Int32Array(2 * NAME_WORDS)
  if (!addresses.write(address, port, words, NAME_WORDS)) return undefined
  return [addresses.text(words, NAME_WORDS), addresses.port(words, NAME_WORDS)]
}

describe.each<[string, (i: number) => string]>([
  ['IPv4', (i) => `10.${i >> 8}.${i & 255}.7`],
  ['IPv6', (i) => `2001:db8::${(i + 1).toString(16)}`],
])('%s', (_, address) => {
  const many = Array.from({ length: 6_000 }, (_each, i) => address(i))

  it('more peers than are remembered stay apart, the first time and the second', () => {
    const addresses = new SocketAddresses(libc, !isIPv4(many[0]!))
    for (const each of [...many, ...many]) expect(roundTrip(addresses, each, 5060)).toEqual([each, 5060])
  })

  it('every port is itself, and what is none is refused', () => {
    const addresses = new SocketAddresses(libc, !isIPv4(many[0]!))
    for (const port of [0, 1, 255, 256, 5060, 65_535])
      expect(roundTrip(addresses, many[0]!, port)).toEqual([many[0], port])
    expect([-1, 65_536].map((port) => roundTrip(addresses, many[0]!, port))).toEqual([undefined, undefined])
  })
})

it.each(['0.0.0.0', '127.0.0.1', '255.255.255.255'])('%s', (address) => {
  expect(roundTrip(new SocketAddresses(libc, false), address, 5060)).toEqual([address, 5060])
})

it.each(['::', '::1', 'fe80::1', 'fe80::1%lo'])('%s', (address) => {
  expect(roundTrip(new SocketAddresses(libc, true), address, 5060)).toEqual([address, 5060])
})

it.each<[string, boolean]>([
  ['::1', false],
  ['127.0.0.1', true],
  ['localhost', false],
  ['', true],
])('is no address of the family: %j', (address, isIPv6) => {
  expect(roundTrip(new SocketAddresses(libc, isIPv6), address, 5060)).toBeUndefined()
})
