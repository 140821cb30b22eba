/**
 * The proxy is killed (SIGKILL) while calls are up and others are being set up, and started anew: every established call goes on, its BYE renumbered
 * and its From restored, though the new process knows nothing of it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { carrierDialogs } from './dialogs.ts'
import { openPeers } from './peers.ts'
import { freeTcpPort, freeUdpPort } from './ports.ts'
import { header } from './sipp-trace.ts'
import { finish } from './sipp.ts'

const CALLS = 300
const RATE = 100
/** All of them are up, none has ended: each lasts ten seconds. */
const KILL_AFTER = 5_000

/** The two processes have a folder each: what they share is in the config. */
const config = { uac: { restorePassword: 'the same after the start' } }

/** Both restored and renumbered: the carrier challenges, and knows the caller as somebody else. */
const routes = (carrier: number): string => `import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ req, uac, relay }) => {
  if (req.ruri.user !== 'load') uac.replaceFrom({ display: 'Anonymous', uri: 'sip:anonymous@anonymous.invalid' })
  relay({ to: 'sip:127.0.0.1:${carrier}', onFailure: 'TRUNKAUTH' })
})

onFailure('TRUNKAUTH', ({ uac, relay }) => {
  if (uac.auth({ username: 'test', password: 'test' })) relay()
})
`

test('RFC 3261 §16.12: killed under load and started anew, the calls that were up end as if nothing had been', async () => {
  const peers = openPeers()
  const [target, port, adminPort] = [await freeUdpPort(), await freeUdpPort(), await freeTcpPort()]
  const carrier = await peers.uas('uas_auth_check', target)
  const project = peers.launch(routes(target), { port, adminPort }, config)
  await project.ready(async () => (await project.readiness()) === 200)

  const talking = peers.uac('uac_long', port, { calls: CALLS, rate: RATE })
  const flags = ['-default_behaviors', 'all,-abortunexp']
  const load = peers.uac('uac_check', port, { calls: 10 * RATE, rate: RATE, service: 'load', flags })
  await delay(KILL_AFTER)
  project.signal('SIGKILL')
  await project.exited
  const anew = peers.launch(routes(target), { port, adminPort }, config)
  await anew.ready(async () => (await anew.readiness()) === 200)

  const caller = await talking
  expect(caller.statistics()).toMatchObject({ successful: CALLS, failed: 0, reasons: {} })
  await load
  await finish(carrier)
  const own = new Set(caller.messages().map(({ text }) => header(text, 'Call-ID')))
  const theirs = carrier.messages().filter(({ text }) => own.has(header(text, 'Call-ID')))
  expect(carrierDialogs(theirs)).toEqual(['INVITE 1, ACK 1, INVITE 2, ACK 2, BYE 3'])
  const byes = theirs.filter(({ direction, text }) => direction === 'received' && text.startsWith('BYE '))
  expect(byes.length).toBeGreaterThanOrEqual(CALLS)
  expect(byes.filter(({ text }) => !header(text, 'From').includes('anonymous.invalid'))).toEqual([])
  const toCaller = caller.messages().filter(({ direction }) => direction === 'received')
  expect(toCaller.filter(({ text }) => !header(text, 'From').includes('sip:sipp@'))).toEqual([])
}, 120_000)
