/** Two baresips call each other through us: a user agent that nobody wrote for tests, and the media that a call is for. */
import { expect, test } from 'vitest'
import type { Baresip } from './baresip.ts'
import { openPeers } from './peers.ts'
import { freeBaresipPort } from './ports.ts'
import { until } from './wait.ts'

test.each(['the caller', 'the callee'])('RFC 3261 §4: two baresips talk, and %s hangs up', async (who) => {
  const peers = openPeers()
  const ports = { alice: await freeBaresipPort(), bob: await freeBaresipPort() }
  const proxy = await peers.signalbox(`import { onRequest } from '@signalbox/dsl'

const phones: Record<string, number> = ${JSON.stringify(ports)}

onRequest(({ req, relay }) => relay({ to: \`sip:127.0.0.1:\${phones[req.ruri.user]}\` }))
`)
  const [alice, bob] = [
    await peers.baresip('alice', ports.alice, proxy.port),
    await peers.baresip('bob', ports.bob, proxy.port),
  ]
  alice.command('dial', 'sip:bob@127.0.0.1')
  await both(alice, bob, 'CALL_ESTABLISHED')
  await both(alice, bob, 'CALL_RTPESTAB')
  const [ending, other] = who === 'the caller' ? [alice, bob] : [bob, alice]
  ending.command('hangup')
  await other.event('CALL_CLOSED')
  await until('the BYE is answered', async () => (await proxy.metrics()).includes('responses_total{class="2xx"} 2'))
  expect(await proxy.metric('signalbox_proxy_events_total')).toBe(0)
})

async function both(one: Baresip, other: Baresip, type: string): Promise<void> {
  await Promise.all([one.event(type), other.event(type)])
}
