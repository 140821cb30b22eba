/** Program 1 against a carrier that is a real Kamailio: its `auth` module makes the nonces and checks the answers. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPeers, outcome } from './peers.ts'
import { freeUdpPort } from './ports.ts'
import { program } from './signalbox.ts'

const config = join(import.meta.dirname, 'kamailio', 'auth-carrier.cfg')
const all = { successful: 100, failed: 0, reasons: {} }

test.each([
  ['plain407', '407 without qop'],
  ['plain401', '401 without qop'],
  ['qop407', '407 with qop=auth'],
  ['qop401', '401 with qop=auth'],
])('RFC 7616 §3.4: Kamailio, challenging %s (%s), accepts 100 of 100 calls', async (service) => {
  const peers = openPeers()
  const [carrier, phone] = [await freeUdpPort(), await freeUdpPort()]
  await peers.kamailio(config, { port: carrier, target: phone })
  const uas = await peers.uas('uas_check', phone)
  const proxy = await peers.signalbox(program('trunk-auth', carrier))
  const uac = await peers.uac('uac_check', proxy.port, { calls: 100, rate: 50, service })
  expect(await outcome(uac, uas)).toMatchObject({ uac: all, uas: all })
})
