/** Where the caller is reached when he has moved, and that nobody but him can say so: all of them share one IP address here. */
import { Dialog, reject, type Simulation, type Uac, type Uas } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { ALICE, BATMAN, names, namesOf, replacedCall, ROBIN, TO_BOB, type Asked } from './identities.ts'
import { BOB, CARRIER, header, PHONE, PROXY, sentTo } from './wire.ts'

const AS_ROBIN = 'Robin <sip:robin@gotham.org>'
const AS_BATMAN = '"The \\"Bat\\"" <sip:batman@gotham.org;user=phone>'
const ELSEWHERE = '127.0.0.1:15099'
const FURTHER = '127.0.0.1:15100'

const at = (place: string) => ({ headers: { Contact: `<sip:alice@${place}>` } })
const there = at(ELSEWHERE)

type Made = Awaited<ReturnType<typeof movingCall>>

/** A call whose caller, or who poses as him, may say that he is at ELSEWHERE now. */
async function movingCall(asked: Asked = { from: ROBIN }) {
  const made = await replacedCall(asked)
  return { ...made, elsewhere: made.net.uac(ELSEWHERE) }
}

/** The dialog as the carrier can tell it, which poses as the caller: with the From that it was sent. */
function posed({ net, call, callee }: Made, agent: Uac | Uas): Dialog {
  return new Dialog(agent, {
    callId: call.callId,
    local: header(sentTo(net, CARRIER, 'INVITE ')[0]!, 'From')!,
    remote: header(sentTo(net, PROXY, 'SIP/2.0 200')[0]!, 'To')!,
    target: `sip:${agent.address}`,
    routes: callee.routes,
    cseq: 600,
  })
}

/** What a request says that the carrier sends there, as if the caller were there. */
async function told(net: Simulation, callee: Dialog, place = ELSEWHERE): Promise<[from: string, to: string]> {
  await callee.with({ target: `sip:alice@${place}` }).request('INFO')
  return namesOf(net, place, 'INFO ')
}

describe('RFC 3261 §12.2: a caller who is reached elsewhere now', () => {
  test.each(['INVITE', 'UPDATE'])('has said so by %s: requests to him are restored there', async (method) => {
    const { net, call, callee } = await movingCall()
    const { status, message } = await call.send(method, there)
    expect([status, ...names(message!.toWire())]).toEqual([200, ALICE, TO_BOB])
    expect(namesOf(net, CARRIER, `${method} `)).toEqual([AS_ROBIN, TO_BOB])
    const moved = callee.with({ target: `sip:alice@${ELSEWHERE}` })
    for (const request of ['INFO', 'INVITE', 'BYE']) {
      const answer = await moved.request(request)
      expect(namesOf(net, ELSEWHERE, `${request} `)).toEqual([TO_BOB, ALICE])
      expect(names(answer.message!.toWire())).toEqual([TO_BOB, AS_ROBIN])
    }
    expect(namesOf(net, ELSEWHERE, 'ACK ')).toEqual([TO_BOB, ALICE])
  })

  test.each(['INVITE', 'UPDATE'])('has said so by %s from there: a NAT has given him another port', async (method) => {
    const { net, call, callee, elsewhere } = await movingCall()
    const dialog = Dialog.ofCaller(elsewhere, call.request, call.final!)
    await dialog.request(method, at('10.0.0.1:5060'))
    expect(await told(net, callee)).toEqual([TO_BOB, ALICE])
  })

  test('with To replaced as well, and moved twice', async () => {
    const { net, call, callee } = await movingCall({ from: ROBIN, to: BATMAN })
    net.uac(FURTHER)
    await call.send('UPDATE', there)
    await call.send('UPDATE', at(FURTHER))
    expect(await told(net, callee, FURTHER)).toEqual([TO_BOB, ALICE])
    expect(await told(net, callee)).toEqual([AS_BATMAN, AS_ROBIN])
  })

  test('is reached where he was by who has not heard of it yet', async () => {
    const { net, call, callee } = await movingCall()
    await call.send('UPDATE', there)
    expect(await told(net, callee, PHONE)).toEqual([TO_BOB, ALICE])
  })

  test('where nobody said so his name is not told', async () => {
    const { net, call, callee } = await movingCall()
    await call.send('INFO', there)
    expect(await told(net, callee)).toEqual([TO_BOB, AS_ROBIN])
    expect(net.stack.counters.proxy.get('identity_astray')).toBe(1)
  })

  test('a new start forgets it, until he says so again', async () => {
    const { net, call, callee } = await movingCall()
    await call.send('UPDATE', there)
    net.restart()
    expect(await told(net, callee)).toEqual([TO_BOB, AS_ROBIN])
    await call.send('UPDATE', there)
    expect(await told(net, callee)).toEqual([TO_BOB, ALICE])
  })
})

describe('RFC 3261 §12.2.2: a refresh that nobody accepted changes nothing', () => {
  test.each(['INVITE', 'UPDATE'])('%s answered 488', async (method) => {
    const { net, carrier, call, callee } = await movingCall()
    carrier.inDialog = reject(488)
    expect((await call.send(method, there)).status).toBe(488)
    expect(await told(net, callee)).toEqual([TO_BOB, AS_ROBIN])
    expect(await told(net, callee, PHONE)).toEqual([TO_BOB, ALICE])
  })

  test('or not answered at all', async () => {
    const { net, carrier, call, callee } = await movingCall()
    carrier.inDialog = () => undefined
    expect((await call.send('UPDATE', there)).status).toBe(408)
    expect(await told(net, callee)).toEqual([TO_BOB, AS_ROBIN])
  })
})

describe('RFC 3261 §12.2: who poses as the caller is not followed', () => {
  test.each(['INVITE', 'UPDATE'])('the callee, by %s through our Route back to itself', async (method) => {
    for (const status of [200, 488]) {
      const made = await movingCall()
      if (status === 488) made.carrier.inDialog = reject(488)
      expect((await posed(made, made.carrier).request(method, there)).status).toBe(status)
      expect(await told(made.net, made.callee)).toEqual([TO_BOB, AS_ROBIN])
    }
  })

  test.each(['INVITE', 'UPDATE'])('a third one on the IP address of the caller, by %s', async (method) => {
    const made = await movingCall()
    const { status } = await posed(made, made.elsewhere).request(method, there)
    expect(status).toBe(200)
    expect(await told(made.net, made.callee)).toEqual([TO_BOB, AS_ROBIN])
  })

  test.each([
    '<sip:alice@wonderland.example>',
    'Anonymous <sip:alice@wonderland.example>',
    '"Alice Liddell" <sip:alice@wonderland.example:5060>',
    'sip:alice@wonderland.example',
  ])('nor who has guessed half of his name: %s', async (half) => {
    const made = await movingCall()
    const local = `${half};tag=${made.call.request.fromTag}`
    await posed(made, made.elsewhere).with({ local }).request('UPDATE', there)
    expect(await told(made.net, made.callee)).toEqual([TO_BOB, AS_ROBIN])
  })

  test('one datagram with the address of the caller, that nobody answers', async () => {
    const made = await movingCall()
    for (const local of [undefined, header(made.call.request.toWire(), 'From')]) {
      const poser = posed(made, made.elsewhere).with({ target: 'sip:127.0.0.1:15199', ...(local && { local }) })
      const update = poser.make('UPDATE', there)
      made.net.network.put({ from: PHONE, to: PROXY, wire: update.toWire() })
      await made.net.advance('40s')
      expect(sentTo(made.net, '127.0.0.1:15199', 'UPDATE ')).not.toEqual([])
    }
    expect(await told(made.net, made.callee)).toEqual([TO_BOB, AS_ROBIN])
  })

  test('the caller of another call that has the same Call-ID and tag', async () => {
    const made = await movingCall()
    const { net, call, callee, elsewhere } = made
    const local = `<sip:evil@example.com>;tag=${call.request.fromTag}`
    const own = posed(made, elsewhere).with({ local, remote: TO_BOB, target: BOB, routes: [`<sip:${PROXY};lr>`] })
    const headers = { 'X-From': JSON.stringify(ROBIN) }
    const invite = own.make('INVITE', { headers })
    const answered = await new Promise<typeof invite>((resolve) => {
      elsewhere.sendRequest(invite, {
        response: (response) => response.status === 200 && resolve(response),
        timeout: () => undefined,
        transportError: () => undefined,
      })
      void net.advance('1s')
    })
    const dialog = Dialog.ofCaller(elsewhere, invite, answered)
    dialog.acknowledge(invite)
    net.uac(FURTHER)
    expect((await dialog.request('UPDATE', at(FURTHER))).status).toBe(200)
    // He himself is followed.
    expect((await told(net, made.carrier.dialogs[1]!, FURTHER))[1]).toBe('<sip:evil@example.com>')
    expect(await told(net, callee, FURTHER)).toEqual([TO_BOB, AS_ROBIN])
  })

  test('To that was replaced: who has not been told what the caller called moves nobody', async () => {
    const made = await movingCall({ to: BATMAN })
    await posed(made, made.elsewhere)
      .with({ remote: `${AS_BATMAN};tag=x` })
      .request('UPDATE', there)
    expect(await told(made.net, made.callee)).toEqual([AS_BATMAN, ALICE])
    await made.call.send('UPDATE', there)
    expect(await told(made.net, made.callee)).toEqual([TO_BOB, ALICE])
  })
})
