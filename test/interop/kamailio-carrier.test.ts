/** Program 1 against a carrier that is a real Kamailio: its `auth` module makes the nonces and checks the answers. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPeers, outcome } from './peers.ts'
import { freeUdpPort } from './ports.ts'
import { program } from './signalbox.ts'

const config = join(import.meta.dirname, 'kamailio', 'auth-carrier.cfg')

/** A carrier that names this algorithm takes the calls. */
async function takesCalls(service: string, calls: number, algorithm?: string): Promise<void> {
  const peers = openPeers()
  const [carrier, phone] = [await freeUdpPort(), await freeUdpPort()]
  const defines = algorithm === undefined ? [] : [`ALGORITHM="${algorithm}"`]
  await peers.kamailio(config, { port: carrier, target: phone }, defines)
  const uas = await peers.uas('uas_check', phone)
  const proxy = await peers.signalbox(program('trunk-auth', carrier))
  const uac = await peers.uac('uac_check', proxy.port, { calls, rate: 50, service })
  const all = { successful: calls, failed: 0, reasons: {} }
  expect(await outcome(uac, uas)).toMatchObject({ uac: all, uas: all })
}

test.each([
  ['plain407', '407 without qop'],
  ['plain401', '401 without qop'],
  ['qop407', '407 with qop=auth'],
  ['qop401', '401 with qop=auth'],
])('RFC 7616 §3.4: Kamailio, challenging %s (%s), accepts 100 of 100 calls', (service) => takesCalls(service, 100))

test.each(['MD5', 'SHA-256'].flatMap((algorithm) => ['plain407', 'qop401'].map((each) => [algorithm, each])))(
  'Case 9: Kamailio, naming %s and challenging %s, accepts 20 of 20 calls',
  (algorithm, service) => takesCalls(service!, 20, algorithm),
)
