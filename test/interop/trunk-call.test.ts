/**
 * Program 1 of the product contract, word for word, between SIPp pairs: a hundred calls of each kind, and what the carrier
 * and the caller saw of them.
 */
import { expect, test } from 'vitest'
import { callerAnswers, carrierDialogs, invites } from './dialogs.ts'
import { checkDigests } from './digest.ts'
import { openPeers, outcome, type Peers } from './peers.ts'
import { freeUdpPort } from './ports.ts'
import { program, type Signalbox } from './signalbox.ts'
import type { Sipp } from './sipp.ts'

const CALLS = 100
const load = { calls: CALLS, rate: 50 }
const all = { successful: CALLS, failed: 0, reasons: {} }

interface Pair {
  proxy: Signalbox
  caller: Sipp
  carrier: Sipp
}

/** A hundred calls of one kind, all of which both sides must count as good. */
async function hundred(peers: Peers, callerScenario: string, carrierScenario: string): Promise<Pair> {
  const target = await freeUdpPort()
  const carrier = await peers.uas(carrierScenario, target)
  const proxy = await peers.signalbox(program('trunk-auth', target))
  const caller = await peers.uac(callerScenario, proxy.port, load)
  const counted = await outcome(caller, carrier)
  expect(counted).toMatchObject({ uac: all, uas: all })
  console.info(`${carrierScenario}: retransmissions ${counted.uac.retransmissions}, ${counted.uas.retransmissions}`)
  return { proxy, caller, carrier }
}

test('RFC 3261 §16.6: plain calls pass as they were sent', async () => {
  const { caller, carrier } = await hundred(openPeers(), 'uac_check', 'uas_check')
  expect(carrierDialogs(carrier.messages())).toEqual(['INVITE 1, ACK 1, BYE 2'])
  expect(callerAnswers(caller.messages())).toEqual(['INVITE 1, BYE 2'])
})

test.each(['uas_auth_check', 'uas_auth401_check'])(
  'RFC 3261 §22.2: calls that %s challenges are answered',
  async (scenario) => {
    const { proxy, caller, carrier } = await hundred(openPeers(), 'uac_check', scenario)
    expect(checkDigests(carrier.log(), 'test')).toEqual({ checked: CALLS, wrong: [] })
    expect(carrierDialogs(carrier.messages())).toEqual(['INVITE 1, ACK 1, INVITE 2, ACK 2, BYE 3'])
    expect(callerAnswers(caller.messages())).toEqual(['INVITE 1, BYE 2'])
    for (const [first, retry, ...others] of invites(carrier.messages())) {
      expect(others).toEqual([])
      expect(retry?.identity).toBe(first?.identity)
      expect(retry?.branch).not.toBe(first?.branch)
    }
    await proxy.stop()
    expect(proxy.output.match(/trunk auth/g)).toHaveLength(CALLS)
  },
)

test('RFC 3261 §16.10: a CANCEL reaches the carrier, and its 487 the caller', async () => {
  const { caller, carrier } = await hundred(openPeers(), 'uac_cancel', 'uas_cancel')
  expect(carrierDialogs(carrier.messages())).toEqual(['INVITE 1, CANCEL 1, ACK 1'])
  expect(callerAnswers(caller.messages())).toEqual(['INVITE 1, CANCEL 1'])
})

test('RFC 3261 §11: OPTIONS pass and are answered', async () => {
  const { carrier } = await hundred(openPeers(), 'uac_options', 'uas_options')
  expect(carrierDialogs(carrier.messages())).toEqual(['OPTIONS 1'])
})
