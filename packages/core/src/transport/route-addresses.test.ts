/** Which of the machine's addresses is written to a peer. */
import { isIPv4, isIPv6 } from 'node:net'
import { expect, it } from 'vitest'
import { RouteAddresses } from './route-addresses.ts'

it.each(['127.0.0.1', '::1'])('is what the kernel would send from: to %s, itself', async (peer) => {
  const routes = new RouteAddresses()
  expect(routes.has(peer)).toBe(false)
  await routes.learn(peer)
  expect([routes.has(peer), routes.known(peer)]).toEqual([true, peer])
})

it('before it is learnt, is an address of the family', () => {
  const routes = new RouteAddresses()
  expect(isIPv4(routes.known('192.0.2.9'))).toBe(true)
  expect(isIPv6(routes.known('2001:db8::9'))).toBe(true)
})

it.each(['255.255.255.255', 'no-address.invalid'])(
  'rejects for %s, which cannot be sent to, and remembers nothing',
  async (peer) => {
    const routes = new RouteAddresses()
    await expect(routes.learn(peer)).rejects.toThrow(/EACCES|ENETUNREACH|ENOTFOUND|EAI_AGAIN/)
    expect(routes.has(peer)).toBe(false)
  },
)
