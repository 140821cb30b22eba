/** Why a call is cancelled reaches who rings (RFC 3326 §2). */
import { answer, reject, ringing, silent, simulate, type Behaviour } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { RawPeer } from './raw-peer.ts'
import { CARRIER, PHONE, SECOND, sentTo } from './wire.ts'

const ELSEWHERE = 'Reason: SIP;cause=200;text="Call completed elsewhere"'

/** The Reason lines of each CANCEL that went there, folds included. */
function reasons(wires: readonly string[]): string[][] {
  return wires.map((wire) => wire.match(/^Reason *:.*(?:\r\n[ \t].*)*/gim) ?? [])
}

describe('RFC 3326 §2: of the caller’s CANCEL', () => {
  async function cancelled(lines: readonly string[], carrier: Behaviour = ringing()) {
    const net = await simulate({ routes: 'test/scenarios/routes/trunk.ts' })
    net.uas(CARRIER, carrier)
    const peer = new RawPeer(net)
    await peer.send({ ruri: 'sip:bob@127.0.0.1:5080' })
    await net.advance('1s')
    await peer.send({ method: 'CANCEL', lines })
    await net.advance('5s')
    await peer.send({ method: 'ACK' })
    return { peer, sent: sentTo(net, CARRIER, 'CANCEL ') }
  }

  test.each<[string, string[]]>([
    ['none', []],
    ['one', [ELSEWHERE]],
    [
      'several, in a list and in lines, odd but good',
      ['REASON : Q.850 ;cause=16;text="a\\"b, c" , SIP', 'Reason: X;y'],
    ],
    ['one that is folded', ['Reason: SIP;cause=200\r\n ;text="Call completed elsewhere"']],
  ])('%s: goes on as it came', async (_, lines) => {
    const { peer, sent } = await cancelled(lines)
    expect(reasons(sent)).toEqual([lines])
    expect([...new Set(peer.summary)]).toEqual(['100', '180', '200', '487'])
  })

  test('the CANCEL is otherwise that of its INVITE', async () => {
    const [[without], [with_]] = [(await cancelled([])).sent, (await cancelled([ELSEWHERE, 'X-Other: 1'])).sent]
    const apart = (wire: string | undefined): string =>
      wire!.replace(ELSEWHERE + '\r\n', '').replace(/branch=[^;]+/, 'branch=')
    expect(apart(with_)).toBe(apart(without))
  })

  test('one that waits for a provisional answer keeps it', async () => {
    const { sent } = await cancelled([ELSEWHERE], (incoming) => incoming.after(3_000, () => incoming.answer(180)))
    expect(reasons(sent)).toEqual([[ELSEWHERE]])
  })

  test.each<[string, string]>([
    ['empty', 'Reason:'],
    ['no protocol', 'Reason: ;cause=200'],
    ['an open quote', 'Reason: SIP;text="Call'],
    ['a control character', 'Reason: SIP;text="a\x07b"'],
    ['a parameter without a name', 'Reason: SIP;=200'],
    ['an empty value of a list', 'Reason: SIP,,SIP'],
    ['too long', `Reason: SIP;text="${'x'.repeat(1_100)}"`],
    ['long, of blanks', `Reason: SIP${' '.repeat(900)}x`],
  ])('%s: is left out, and what is good beside it goes on', async (_, line) => {
    expect(reasons((await cancelled([line, ELSEWHERE])).sent)).toEqual([[ELSEWHERE]])
  })

  test('many are bounded together', async () => {
    const lines = Array.from({ length: 100 }, (_, i) => `Reason: SIP;cause=${i + 200}`)
    const [[...went] = []] = reasons((await cancelled(lines)).sent)
    expect(went).toEqual(lines.slice(0, Math.floor(1024 / lines[0]!.length)))
  })
})

describe('RFC 3326 §2: of the answer that another branch of the fork had', () => {
  async function forked(first: Behaviour, second: Behaviour, user = 'both') {
    const net = await simulate({ routes: 'test/scenarios/routes/fork.ts' })
    net.uas(CARRIER, first)
    net.uas(SECOND, second)
    const call = await net.uac(PHONE).invite(`sip:${user}@127.0.0.1:5080`)
    await net.advance('5s')
    return { net, call, sent: sentTo(net, SECOND, 'CANCEL ') }
  }

  test('2xx: completed elsewhere', async () => {
    const { call, sent } = await forked(answer({ after: '1s' }), ringing())
    expect(reasons(sent)).toEqual([[ELSEWHERE]])
    expect((await call.bye()).status).toBe(200)
  })

  test('2xx: who rings only then is told, too', async () => {
    const later: Behaviour = (incoming) => incoming.after(3_000, () => incoming.answer(180))
    const { call, sent } = await forked(answer({ after: '1s' }), later)
    expect(reasons(sent)).toEqual([[ELSEWHERE]])
    expect((await call.bye()).status).toBe(200)
  })

  test('6xx: that', async () => {
    const declined: Behaviour = (incoming) => incoming.after(1_000, () => incoming.answer(603))
    expect(reasons((await forked(declined, ringing())).sent)).toEqual([['Reason: SIP;cause=603']])
  })

  test('none when time is over: the call was missed', async () => {
    const { sent } = await forked(reject(486), ringing(), 'in-a-hurry')
    expect(reasons(sent)).toEqual([[]])
  })

  test('who never says anything is never cancelled', async () => {
    const { call, sent } = await forked(answer(), silent())
    expect(sent).toEqual([])
    expect((await call.bye()).status).toBe(200)
  })
})
