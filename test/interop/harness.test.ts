/**
 * The harness itself, with Kamailio in the proxy's place: that the peers start, call and count, and that the checks the
 * product is held to find what Kamailio does otherwise.
 */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { carrierDialogs } from './dialogs.ts'
import { checkDigests } from './digest.ts'
import { openPeers, outcome } from './peers.ts'
import { freeUdpPort } from './ports.ts'

const config = join(import.meta.dirname, '../../bench/kamailio/native.cfg')
const authCarrier = join(import.meta.dirname, 'kamailio', 'auth-carrier.cfg')
const load = { calls: 10, rate: 50 }

test('SIPp pairs call through Kamailio and both sides count the calls', async () => {
  const peers = openPeers()
  const [port, target] = [await freeUdpPort(), await freeUdpPort()]
  await peers.kamailio(config, { port, target })
  const uas = await peers.uas('uas_check', target)
  const uac = await peers.uac('uac_check', port, load)
  const all = { successful: 10, failed: 0, reasons: {} }
  expect(await outcome(uac, uas)).toMatchObject({ uac: all, uas: all })
})

test('the checks see a right digest, and that Kamailio retries without a new CSeq (RFC 3261 §22.2)', async () => {
  const peers = openPeers()
  const [port, target] = [await freeUdpPort(), await freeUdpPort()]
  await peers.kamailio(config, { port, target })
  const uas = await peers.uas('uas_auth_check', target)
  const uac = await peers.uac('uac_check', port, load)
  const { uas: counted } = await outcome(uac, uas)
  expect(counted).toMatchObject({ successful: 10, failed: 0 })
  expect(checkDigests(uas.log(), 'test')).toEqual({ checked: 10, wrong: [] })
  expect(checkDigests(uas.log(), 'other').wrong).toHaveLength(10)
  expect(carrierDialogs(uas.messages())).toEqual(['INVITE 1, ACK 1, INVITE 1, ACK 1, BYE 2'])
})

test.each(['plain407', 'plain401', 'qop407', 'qop401'])(
  'the carrier that checks for itself takes %s',
  async (service) => {
    const peers = openPeers()
    const [port, carrier, phone] = [await freeUdpPort(), await freeUdpPort(), await freeUdpPort()]
    await peers.kamailio(config, { port, target: carrier })
    await peers.kamailio(authCarrier, { port: carrier, target: phone })
    const uas = await peers.uas('uas_check', phone)
    const uac = await peers.uac('uac_check', port, { ...load, service })
    const all = { successful: 10, failed: 0, reasons: {} }
    expect(await outcome(uac, uas)).toMatchObject({ uac: all, uas: all })
  },
)
