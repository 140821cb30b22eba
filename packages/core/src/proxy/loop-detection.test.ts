/** A request that comes back as it was is a loop; one that routing would treat differently is a spiral. */
import { describe, expect, it } from 'vitest'
import { parsed, requestText, type RequestParts } from '../testing/layer-rig.ts'
import { Ids } from './ids.ts'
import { isLoop, routingHash } from './loop-detection.ts'

const ids = new Ids('us')
const hashOf = (parts: RequestParts = {}): string => routingHash(parsed(requestText(parts)))

/** A request that has been here before, with that hash, below the Vias of others. */
function back(hash: string, ...above: string[]): boolean {
  const ours = `SIP/2.0/UDP 192.0.2.1;branch=${ids.branch(hash)}`
  const via = [...above, ours, 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1'].join(', ')
  return isLoop(parsed(requestText({ via })), ids.branchPrefix, hashOf())
}

describe('RFC 5393 §4.2: what is in the hash', () => {
  it.each<[string, RequestParts]>([
    ['the Request-URI', { ruri: 'sip:bob@example.net;x=y' }],
    ['the From tag', { from: '<sip:alice@example.org>;tag=b' }],
    ['the To tag', { to: '<sip:bob@example.net>;tag=b' }],
    ['the Call-ID', { callId: 'call-2' }],
    ['the CSeq number', { cseq: 2 }],
    ['Route', { lines: ['Route: <sip:192.0.2.1;lr>'] }],
    ['Proxy-Require', { lines: ['Proxy-Require: x'] }],
    ['Proxy-Authorization', { lines: ['Proxy-Authorization: Digest x=y'] }],
  ])('%s', (_, parts) => expect(hashOf(parts)).not.toBe(hashOf()))

  it.each<[string, RequestParts]>([
    ['the method: a CANCEL has the branch of its INVITE', { method: 'MESSAGE' }],
    ['the Vias', { branch: 'z9hG4bKother', sentBy: '192.0.2.50' }],
    ['any other header', { lines: ['Subject: x', 'Record-Route: <sip:192.0.2.1;lr>'] }],
  ])('but not %s', (_, parts) => expect(hashOf(parts)).toBe(hashOf()))

  it('and where one value ends and the next begins', () => {
    const one = hashOf({ lines: ['Proxy-Require: ab', 'Proxy-Require: c'] })
    expect(hashOf({ lines: ['Proxy-Require: a', 'Proxy-Require: bc'] })).not.toBe(one)
  })
})

it('RFC 5393 §4.2: the source counts, so that a request may come back from an application server as it was', () => {
  const from = (address: string): string => {
    const request = parsed(requestText())
    request.source = { transport: 'udp', address, port: 5060 }
    return routingHash(request)
  }
  expect(from('192.0.2.9')).toBe(from('192.0.2.9'))
  expect(from('192.0.2.9')).not.toBe(from('192.0.2.50'))
})

describe('RFC 3261 §16.3 step 4: a loop', () => {
  it('is a request with a Via of ours and the same hash, wherever that stands', () => {
    expect(back(hashOf())).toBe(true)
    expect(back(hashOf(), 'SIP/2.0/UDP 192.0.2.50;branch=z9hG4bKx')).toBe(true)
  })

  it('is seen among several Vias of ours', () => {
    const spiral = `SIP/2.0/UDP 192.0.2.1;branch=${ids.branch('other')}`
    expect(back(hashOf(), spiral)).toBe(true)
  })

  it('is not a spiral: a Via of ours with another hash', () => expect(back('other')).toBe(false))

  it('is not a branch of somebody else that looks alike', () => {
    const via = `SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKother.1.${hashOf()}`
    expect(isLoop(parsed(requestText({ via })), ids.branchPrefix, hashOf())).toBe(false)
  })

  it('is not our prefix in some other place of a Via', () => {
    const via = `SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1;x=${ids.branchPrefix}1.${hashOf()}`
    expect(isLoop(parsed(requestText({ via })), ids.branchPrefix, hashOf())).toBe(false)
  })
})
