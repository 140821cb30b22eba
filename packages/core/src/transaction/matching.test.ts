/** Which transaction a message belongs to, as the layer finds it. */
import { describe, expect, it } from 'vitest'
import { LayerRig, parsed, requestText, response, type RequestParts } from '../testing/layer-rig.ts'
import { clientHash, serverHash } from './matching.ts'

/** What the user hears of the second request when the first one began a transaction. */
function heardOf(first: RequestParts, second: RequestParts): string[] {
  const rig = new LayerRig()
  rig.receive(first)
  rig.heard.length = 0
  rig.receive(second)
  return rig.heard
}

describe('responses', () => {
  it('RFC 3261 §17.1.3: the branch finds it', () => {
    const rig = new LayerRig()
    const [first, second] = [rig.send(), rig.send()]
    rig.answer(second, 180)
    expect([first.state, second.state]).toEqual(['calling', 'proceeding'])
  })

  it('RFC 3261 §17.1.3: the answer to a CANCEL is not one to its INVITE, whose branch it has', () => {
    const rig = new LayerRig()
    const invite = rig.send()
    const answer = response(invite.request, 200).toWire().replace('CSeq: 1 INVITE', 'CSeq: 1 CANCEL')
    rig.layer.receiveResponse(parsed(answer))
    expect([rig.heard, invite.state]).toEqual([['stray 200'], 'calling'])
  })

  it.each([
    ['of another branch', (wire: string) => wire.replace('z9hG4bKours1', 'z9hG4bKother')],
    ['of another method', (wire: string) => wire.replace('CSeq: 1 OPTIONS', 'CSeq: 1 INFO')],
    ['without a branch', (wire: string) => wire.replace(';branch=z9hG4bKours1', '')],
  ])('RFC 3261 §17.1.3: one %s belongs to nothing', (_, change) => {
    const rig = new LayerRig()
    const client = rig.send('OPTIONS')
    rig.layer.receiveResponse(parsed(change(response(client.request, 200).toWire())))
    expect([rig.heard, client.state]).toEqual([['stray 200'], 'trying'])
  })

  it('RFC 3261 §17.1.3: one that comes when its transaction has ended belongs to nothing', () => {
    const rig = new LayerRig()
    const client = rig.send('OPTIONS')
    rig.answer(client, 200)
    rig.clock.advance(5_000)
    rig.answer(client, 200)
    expect(rig.heard).toEqual(['200', 'stray 200'])
  })
})

describe('requests', () => {
  const began = ['request INVITE']

  it.each<[string, RequestParts]>([
    ['the same once more', {}],
    ['another Call-ID and tag: the branch counts', { callId: 'x', from: '<sip:x@y>;tag=z', cseq: 9 }],
    ['more parameters in the Via', { via: 'SIP/2.0/UDP 192.0.2.9;rport=5060;branch=z9hG4bK1;received=192.0.2.9' }],
  ])('RFC 3261 §17.2.3: a retransmission is %s', (_, second) => {
    expect(heardOf({}, second)).toEqual([])
  })

  it.each<[string, RequestParts]>([
    ['another branch', { branch: 'z9hG4bK2' }],
    ['another sent-by host: a neighbour may have picked the same branch', { sentBy: '192.0.2.8' }],
    ['another sent-by port', { sentBy: '192.0.2.9:5062' }],
  ])('RFC 3261 §17.2.3: %s is another transaction', (_, second) => {
    expect(heardOf({}, second)).toEqual(began)
  })

  it('RFC 3261 §17.2.3: another method is another transaction', () => {
    expect(heardOf({ method: 'OPTIONS' }, { method: 'INFO' })).toEqual(['request INFO'])
  })

  it('RFC 3261 §17.2.3: an ACK is the INVITE’s, unless a 2xx gave it a branch of its own', () => {
    expect(heardOf({}, { method: 'ACK' })).toEqual([])
    expect(heardOf({}, { method: 'ACK', branch: 'z9hG4bK2' })).toEqual(['ack'])
  })

  it('RFC 3261 §9.2: a CANCEL has its own transaction and names the INVITE’s, by the same branch', () => {
    expect(heardOf({}, { method: 'CANCEL' })).toEqual(['cancel of proceeding'])
    expect(heardOf({}, { method: 'CANCEL', branch: 'z9hG4bK2' })).toEqual(['cancel of nothing'])
    expect(heardOf({ method: 'OPTIONS' }, { method: 'CANCEL' })).toEqual(['cancel of nothing'])
    const rig = new LayerRig()
    for (const method of ['INVITE', 'CANCEL', 'CANCEL']) rig.receive({ method })
    expect(rig.heard).toEqual(['request INVITE', 'cancel of proceeding'])
  })
})

describe('peers of RFC 2543, whose branch says nothing', () => {
  const via = 'SIP/2.0/UDP 192.0.2.9:5060'
  const old: RequestParts = { via }

  it.each<[string, RequestParts]>([
    ['no branch', old],
    ['a branch without the cookie', { via: `${via};branch=1` }],
    ['an empty branch', { via: `${via};branch=` }],
  ])('RFC 3261 §17.2.3: with %s a retransmission, its ACK and its CANCEL are found', (_, first) => {
    expect(heardOf(first, first)).toEqual([])
    expect(heardOf(first, { ...first, method: 'ACK', to: '<sip:bob@example.net>;tag=b' })).toEqual([])
    expect(heardOf(first, { ...first, method: 'CANCEL' })).toEqual(['cancel of proceeding'])
  })

  it.each<[string, RequestParts]>([
    ['Request-URI', { ruri: 'sip:carol@example.net' }],
    ['From tag', { from: '<sip:alice@example.org>;tag=other' }],
    ['Call-ID', { callId: 'call-2' }],
    ['CSeq number', { cseq: 2 }],
    ['topmost Via', { via: 'SIP/2.0/UDP 192.0.2.8' }],
  ])('RFC 3261 §17.2.3: another %s is another transaction', (_, change) => {
    expect(heardOf(old, { ...old, ...change })).toEqual(['request INVITE'])
  })

  it('RFC 3261 §17.2.3: only the topmost Via counts, the ACK of a hop has no other', () => {
    expect(heardOf({ via: `${via}, SIP/2.0/UDP below` }, { via, method: 'ACK' })).toEqual([])
  })
})

describe('hashes', () => {
  /** How many of a table's places these hashes would want, of as many as there are hashes. */
  function wanted(hashes: readonly number[]): number {
    return new Set(hashes.map((hash) => hash & (hashes.length - 1))).size
  }

  const count = 1 << 12
  const numbered = Array.from({ length: count }, (_, i) => i)
  const hashOf = (parts: RequestParts): number => serverHash(parsed(requestText(parts)), parts.method ?? 'INVITE')

  it.each<[string, (i: number) => number]>([
    ['branches of ours', (i) => clientHash(`z9hG4bKabc.${i.toString(36)}.0`)],
    ['branches with a number in front', (i) => hashOf({ branch: `z9hG4bK${i}-tail` })],
    ['branches with a number at the end', (i) => hashOf({ branch: `z9hG4bKhead-${i}` })],
    ['long branches', (i) => hashOf({ branch: `z9hG4bK${'x'.repeat(300)}${i}` })],
    ['ports', (i) => hashOf({ sentBy: `192.0.2.9:${10_000 + i}` })],
    ['hosts', (i) => hashOf({ sentBy: `host${i}.example.org` })],
    ['methods', (i) => hashOf({ method: `M${i}` })],
    ['Call-IDs of peers without branches', (i) => hashOf({ via: 'SIP/2.0/UDP 192.0.2.9', callId: `c${i}` })],
  ])('those of neighbours lie apart: %s', (_, of) => {
    // By chance it is 63 %.
    expect(wanted(numbered.map(of))).toBeGreaterThan(count / 2)
  })

  it('letters that have changed places tell, however far apart', () => {
    const [a, b] = ['a'.repeat(128), 'b'.repeat(128)]
    expect(hashOf({ branch: `z9hG4bK${a}${b}` })).not.toBe(hashOf({ branch: `z9hG4bK${b}${a}` }))
    expect(hashOf({ branch: 'z9hG4bKab' })).not.toBe(hashOf({ branch: 'z9hG4bKba' }))
  })
})
