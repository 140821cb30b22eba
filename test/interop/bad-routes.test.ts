/**
 * Three routes that every proxy fears, one caller each, while others call: one loops, one awaits what never comes, one throws. Each gets its
 * fallback; the others do not notice, or for as long as one loop may last; nothing is left.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openPeers, type Peers } from './peers.ts'
import { freeUdpPort } from './ports.ts'
import { rpc } from './registrations.ts'
import type { Signalbox } from './signalbox.ts'

const CALLS = 2_000
const RATE = 100
const T1 = 50
const CPU = 50
const flags = ['-default_behaviors', 'all,-abortunexp']

const routes = (carrier: number): string => `import { onRequest } from '@signalbox/dsl'

onRequest(async ({ req, relay }) => {
  if (req.callId === 'loops') while (true);
  if (req.callId === 'hangs') await new Promise(() => undefined)
  if (req.callId === 'throws') throw new Error('out of order')
  relay({ to: 'sip:127.0.0.1:${carrier}' })
})
`

/** The 99th percentile of the time from INVITE to 200, in milliseconds. */
async function p99(peers: Peers, { port }: Signalbox): Promise<number> {
  const caller = await peers.uac('uac_overload', port, { calls: CALLS, rate: RATE, isLoad: true, flags })
  expect(caller.statistics()).toMatchObject({ successful: CALLS, failed: 0, reasons: {} })
  return caller.responseTimes()[Math.floor(CALLS * 0.99)]!
}

/** The final answer to an INVITE with this Call-ID. */
async function answerTo(peers: Peers, callId: string, { port }: Signalbox): Promise<string> {
  const phone = await peers.phone()
  await phone.send(phone.request('INVITE', callId, port), port)
  return phone.receive('500')
}

test('RFC 3261 §21.5.1: a loop, an endless await and a throw get their 500 while 2,000 others call, who keep their pace', async () => {
  const peers = openPeers()
  const target = await freeUdpPort()
  await peers.uas('uas_check', target, { isLoad: true, flags })
  const config = { timers: { t1: T1 }, handlers: { cpu: CPU, deadline: 1_000 } }
  const proxy = await peers.signalbox(routes(target), config)

  const before = await p99(peers, proxy)
  const measured = p99(peers, proxy)
  await delay(5_000)
  for (const bad of ['throws', 'hangs', 'loops']) expect(await answerTo(peers, bad, proxy)).toContain('500')
  const during = await measured

  console.info(`99 % of calls within ${before} ms; with three bad routes among them ${during} ms`)
  // One stall of the loop is shorter than the 1 % of calls that do not count.
  expect(during).toBeLessThan(Math.max(10 * before, 100))
  expect(await proxy.metric('signalbox_route_errors_total')).toBe(3)
  // Timer K is T4, 5 s (RFC 3261 §17.1.2.2).
  await delay(64 * T1 + 5_500)
  expect(await rpc(proxy.adminPort, 'core.status')).toMatchObject({ transactions: { server: 0, client: 0 } })
  expect(proxy.output).toMatch(/routes\/main\.ts:4/)
}, 120_000)
