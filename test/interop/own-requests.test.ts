/** Requests of the proxy's own to a carrier that is a real Kamailio, which challenges them and hands them on to a phone. */
import { join } from 'node:path'
import { answer, uacOnUdp, uasOnUdp } from '@signalbox/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { openPeers } from './peers.ts'
import { freeUdpPort } from './ports.ts'
import { program } from './signalbox.ts'

const config = join(import.meta.dirname, 'kamailio', 'auth-carrier.cfg')
const MESSAGES = 50

test.each([['plain407'], ['plain401'], ['qop407'], ['qop401']])(
  'Case 50: Kamailio, challenging %s, accepts every MESSAGE of many at once',
  async (service) => {
    const peers = openPeers()
    const [carrier, target] = [await freeUdpPort(), await freeUdpPort()]
    const phone = await uasOnUdp(`127.0.0.1:${target}`, answer())
    onTestFinished(() => phone.close())
    await peers.kamailio(config, { port: carrier, target })
    const proxy = await peers.signalbox(program('notify', carrier))
    const asking = await uacOnUdp(`127.0.0.1:${await freeUdpPort()}`, `127.0.0.1:${proxy.port}`)
    onTestFinished(() => asking.close())
    const uri = `sip:${service}@127.0.0.1:${proxy.port}`
    const asked = Array.from({ length: MESSAGES }, () => asking.agent.dial(uri, { method: 'OPTIONS' }).answered)
    const results = (await Promise.all(asked)).map((call) => `${call.status} ${call.final?.reason}`)
    expect(results).toEqual(Array.from({ length: MESSAGES }, () => '200 2 OK'))
    const messages = phone.agent.requests('MESSAGE')
    expect(new Set(messages.map(({ callId }) => callId)).size).toBe(MESSAGES)
    for (const message of messages) {
      expect(Buffer.from(message.body, 'latin1').toString()).toBe('Grüße')
      expect(message.named('Max-Forwards')[0]!.value).toBe('70')
    }
  },
)
