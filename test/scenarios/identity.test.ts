/** From and To replaced in what leaves and restored in what comes back, for the whole dialog, as the wire shows it. */
import { answer, challenge, Dialog, reject, ringing, simulate, type Behaviour } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { ALICE, BATMAN, identityNet, names, namesOf, replacedCall, ROBIN, sealOf, tags, TO_BOB } from './identities.ts'
import { BOB, branch, CARRIER, cseq, header, logged, PHONE, SECOND, sentTo } from './wire.ts'

const AS_ROBIN = 'Robin <sip:robin@gotham.org>'
const AS_BATMAN = '"The \\"Bat\\"" <sip:batman@gotham.org;user=phone>'

describe('Case 33: display and URI replaced', () => {
  test('the callee reads what was set, the tag stays', async () => {
    const { net, call } = await replacedCall({ from: ROBIN, to: BATMAN })
    const invite = sentTo(net, CARRIER, 'INVITE ')[0]!
    expect(names(invite)).toEqual([AS_ROBIN, AS_BATMAN])
    expect(tags(invite)).toEqual([call.request.fromTag, undefined])
  })

  test('every reply brings the caller his own From, display included', async () => {
    const { net, call } = await replacedCall({ from: ROBIN, to: BATMAN })
    expect(call.statuses).toEqual([100, 180, 200])
    const own = header(call.request.toWire(), 'From')
    for (const { status } of call.responses) {
      const wire = sentTo(net, PHONE, `SIP/2.0 ${status}`)[0]!
      expect(names(wire)).toEqual([ALICE, TO_BOB])
      expect(header(wire, 'From')).toBe(own)
    }
    const fromCallee = sentTo(net, '127.0.0.1:5080', 'SIP/2.0 200')[0]!
    expect(names(fromCallee)).toEqual([AS_ROBIN, AS_BATMAN])
    expect(tags(sentTo(net, PHONE, 'SIP/2.0 200')[0]!)).toEqual(tags(fromCallee))
  })

  test.each([486, 603, 503])('a %i too', async (status) => {
    const { net, phone, invite } = await identityNet({ from: ROBIN, to: BATMAN, carrier: reject(status) })
    await phone.invite(BOB, invite)
    expect(namesOf(net, PHONE, 'SIP/2.0 ')).toEqual([ALICE, TO_BOB])
  })

  test('program 4 of the contract as it stands', async () => {
    const net = await simulate({ routes: 'templates/anonymous-trunk/routes/main.ts' })
    const carrier = net.uas(CARRIER, answer())
    const call = await net.uac(PHONE).invite(BOB, { from: ALICE })
    const anonymous = 'Anonymous <sip:anonymous@anonymous.invalid>'
    await carrier.dialogs[0]!.request('INFO')
    await call.bye()
    for (const start of ['INVITE ', 'ACK ', 'BYE ']) expect(namesOf(net, CARRIER, start)[0]).toBe(anonymous)
    expect(namesOf(net, PHONE, 'INFO ')[1]).toBe(ALICE)
    const toCallee = net.network.sent.filter(({ to }) => to === CARRIER).map(({ wire }) => wire)
    expect(toCallee.join().includes('wonderland')).toBe(false)
  })

  test('a 2xx that is repeated is restored each time', async () => {
    const { net, phone, invite } = await identityNet({ from: ROBIN })
    net.filter = ({ to, wire }) => (to === CARRIER && wire.startsWith('ACK ') ? 0 : 1)
    await phone.invite(BOB, invite)
    await net.advance('2s')
    const repeated = sentTo(net, PHONE, 'SIP/2.0 200')
    expect(repeated.length).toBeGreaterThan(2)
    expect(new Set(repeated.map((wire) => names(wire)[0]))).toEqual(new Set([ALICE]))
  })
})

describe('Case 35: in-dialog both directions, replies as the sender wrote', () => {
  const within = ['INFO', 'UPDATE', 'INVITE', 'BYE']

  test('Case 36: downstream, ACK, INFO, UPDATE, re-INVITE and BYE say what the INVITE said', async () => {
    const { net, call } = await replacedCall({ from: ROBIN, to: BATMAN })
    expect(namesOf(net, CARRIER, 'ACK ')).toEqual([AS_ROBIN, AS_BATMAN])
    for (const method of within) {
      const { status, message } = await call.send(method)
      expect([method, status]).toEqual([method, 200])
      expect(namesOf(net, CARRIER, `${method} `)).toEqual([AS_ROBIN, AS_BATMAN])
      expect(names(message!.toWire())).toEqual([ALICE, TO_BOB])
    }
    const acks = sentTo(net, CARRIER, 'ACK ')
    expect(acks.map(names)).toEqual(acks.map(() => [AS_ROBIN, AS_BATMAN]))
    expect(acks).toHaveLength(2)
  })

  test('Case 36: upstream, INFO, UPDATE, re-INVITE, ACK and BYE say what the caller said', async () => {
    const { net, callee } = await replacedCall({ from: ROBIN, to: BATMAN })
    for (const method of within) {
      const { status, message } = await callee.request(method)
      expect([method, status]).toEqual([method, 200])
      expect(namesOf(net, PHONE, `${method} `)).toEqual([TO_BOB, ALICE])
      expect(names(message!.toWire())).toEqual([AS_BATMAN, AS_ROBIN])
    }
    expect(namesOf(net, PHONE, 'ACK ')).toEqual([TO_BOB, ALICE])
  })

  test.each([
    { what: 'From', asked: { from: ROBIN }, down: [AS_ROBIN, TO_BOB], up: [TO_BOB, ALICE] },
    { what: 'To', asked: { to: BATMAN }, down: [ALICE, AS_BATMAN], up: [TO_BOB, ALICE] },
  ])('only $what replaced: the other one is left alone', async ({ asked, down, up }) => {
    const { net, call, callee } = await replacedCall(asked)
    await call.send('INFO')
    expect(namesOf(net, CARRIER, 'INFO ')).toEqual(down)
    await callee.request('INFO')
    expect(namesOf(net, PHONE, 'INFO ')).toEqual(up)
  })

  test('Case 36: an early dialog: PRACK, UPDATE and BYE, before the call is answered', async () => {
    const reliable: Behaviour = (incoming) => {
      incoming.answer(183, { Require: '100rel', RSeq: '1' })
      incoming.after(5_000, () => incoming.answer(487))
    }
    const { net, phone, invite } = await identityNet({ from: ROBIN, to: BATMAN, carrier: reliable })
    const call = phone.dial(BOB, invite)
    await net.advance(100)
    const early = Dialog.ofCaller(phone, call.request, call.responses.at(-1)!)
    for (const method of ['PRACK', 'UPDATE', 'BYE']) {
      const { message } = await early.request(method, { headers: { RAck: '1 1 INVITE' } })
      expect(namesOf(net, CARRIER, `${method} `)).toEqual([AS_ROBIN, AS_BATMAN])
      expect(names(message!.toWire())).toEqual([ALICE, TO_BOB])
    }
    await net.until(call.answered)
  })

  test('a re-INVITE that is record-routed again says the same again, in both directions', async () => {
    const { net, call, callee } = await replacedCall({ from: ROBIN, to: BATMAN })
    const first = header(sentTo(net, CARRIER, 'INVITE ')[0]!, 'Record-Route')
    await call.send('INVITE', { headers: { 'X-Record': '1' } })
    expect(header(sentTo(net, CARRIER, 'INVITE ')[1]!, 'Record-Route')).toBe(first)
    await callee.request('INVITE', { headers: { 'X-Record': '1' } })
    expect(header(sentTo(net, PHONE, 'INVITE ')[0]!, 'Record-Route')).toBe(first)
  })

  test('the tags stay as they are, wherever a header is restored', async () => {
    const { net, call, callee } = await replacedCall({ from: ROBIN, to: BATMAN })
    await call.send('INFO')
    await callee.request('INFO')
    const [own, theirs] = tags(sentTo(net, PHONE, 'SIP/2.0 200')[0]!)
    expect(tags(sentTo(net, CARRIER, 'INFO ')[0]!)).toEqual([own, theirs])
    expect(tags(sentTo(net, PHONE, 'INFO ')[0]!)).toEqual([theirs, own])
  })
})

describe('Case 37: what is hop by hop', () => {
  test('CANCEL, and the ACK to its 487, carry the replaced From of that branch', async () => {
    const { net, phone, invite } = await identityNet({ from: ROBIN, carrier: ringing() })
    const call = phone.dial(BOB, invite)
    await net.advance('1s')
    call.cancel()
    await net.until(call.answered)
    expect(namesOf(net, CARRIER, 'CANCEL ')[0]).toBe(AS_ROBIN)
    expect(namesOf(net, CARRIER, 'ACK ')[0]).toBe(AS_ROBIN)
    expect(namesOf(net, PHONE, 'SIP/2.0 487')[0]).toBe(ALICE)
  })

  test('the ACK to a 486 too', async () => {
    const { net, phone, invite } = await identityNet({ from: ROBIN, carrier: reject(486) })
    await phone.invite(BOB, invite)
    expect(namesOf(net, CARRIER, 'ACK ')[0]).toBe(AS_ROBIN)
  })
})

describe('each branch its own', () => {
  const routes = 'test/scenarios/routes/identity-branches.ts'

  test('Case 38: two branches with different From values, each consistent, the caller reads his own', async () => {
    const net = await simulate({ routes })
    net.uas(CARRIER, ringing())
    const second = net.uas(SECOND, answer({ after: '1s' }))
    const call = await net.uac(PHONE).invite(BOB, { from: ALICE })
    await call.send('INFO')
    await second.dialogs[0]!.request('BYE')
    for (const start of ['INVITE ', 'CANCEL ', 'ACK ']) {
      expect(namesOf(net, CARRIER, start)[0]).toBe('<sip:5090@branch.example>')
    }
    for (const start of ['INVITE ', 'ACK ', 'INFO ']) {
      expect(namesOf(net, SECOND, start)[0]).toBe('<sip:5091@branch.example>')
    }
    for (const wire of sentTo(net, PHONE, 'SIP/2.0 ')) expect(names(wire)[0]).toBe(ALICE)
    expect(namesOf(net, PHONE, 'BYE ')[1]).toBe(ALICE)
  })

  test('Case 39: a replacement in a branch route survives the authenticated retry', async () => {
    const net = await simulate({ routes })
    net.uas(CARRIER, challenge({ realm: 'carrier', username: 'test', password: 'test' }))
    const call = await net.uac(PHONE).invite('sip:alone@127.0.0.1:5080', { from: ALICE })
    expect(call).toBeAnsweredWith(200)
    await call.bye()
    const invites = sentTo(net, CARRIER, 'INVITE ')
    expect(invites.map((wire) => [cseq(wire), names(wire)[0]])).toEqual([
      [1, '<sip:5090@branch.example>'],
      [2, '<sip:5090@branch.example>'],
    ])
    expect(namesOf(net, CARRIER, 'BYE ')[0]).toBe('<sip:5090@branch.example>')
    expect([branch(invites[0]!), cseq(sentTo(net, CARRIER, 'BYE ')[0]!)]).toEqual([expect.any(String), 3])
    for (const wire of sentTo(net, PHONE, 'SIP/2.0 ')) expect(names(wire)[0]).toBe(ALICE)
  })

  test('Case 39: one of the request route survives it too, and one of the failure route is added', async () => {
    const net = await simulate({ routes })
    net.uas(CARRIER, challenge({ realm: 'carrier', username: 'test', password: 'test' }))
    const call = await net.uac(PHONE).invite('sip:failure@127.0.0.1:5080', { from: ALICE, to: TO_BOB })
    await call.bye()
    expect(sentTo(net, CARRIER, 'INVITE ').map(names)).toEqual([
      ['<sip:request@route.example>', TO_BOB],
      ['<sip:request@route.example>', 'Failed <sip:failure@route.example>'],
    ])
    expect(namesOf(net, CARRIER, 'BYE ')).toEqual(['<sip:request@route.example>', 'Failed <sip:failure@route.example>'])
    expect(namesOf(net, PHONE, 'SIP/2.0 200')).toEqual([ALICE, TO_BOB])
  })
})

describe('Case 43: what is left out stays', () => {
  test.each([
    { what: 'display "" removes it', from: { display: '' }, left: '<sip:alice@wonderland.example>' },
    { what: 'uri "" keeps it', from: { display: 'Robin', uri: '' }, left: 'Robin <sip:alice@wonderland.example>' },
    { what: 'a string is the URI', from: 'tel:+4930', left: '"Alice Liddell" <tel:+4930>' },
    { what: 'UTF-8 is quoted', from: { display: '\u00fc' }, left: '"\u00c3\u00bc" <sip:alice@wonderland.example>' },
  ])('$what', async ({ from, left }) => {
    const { net } = await replacedCall({ from })
    expect(namesOf(net, CARRIER, 'INVITE ')[0]).toBe(left)
    expect(namesOf(net, PHONE, 'SIP/2.0 200')[0]).toBe(ALICE)
  })

  test('Case 44: of two calls the later one wins for what it names', async () => {
    const net = await simulate({ routes: 'test/scenarios/routes/identity-twice.ts' })
    net.uas(CARRIER, answer())
    await net.uac(PHONE).invite(BOB, { from: ALICE })
    expect(namesOf(net, CARRIER, 'INVITE ')[0]).toBe('First <sip:second@example.com>')
    expect(logged(net, 'info')).toEqual(['sip:alice@wonderland.example "Alice Liddell"'])
  })
})

describe('Case 46: a display name alone', () => {
  test('is restored in replies and in the dialog', async () => {
    const { net, call, callee } = await replacedCall({ from: { display: 'Robin' } })
    const shown = 'Robin <sip:alice@wonderland.example>'
    expect(namesOf(net, CARRIER, 'ACK ')[0]).toBe(shown)
    await callee.request('INFO')
    expect(namesOf(net, PHONE, 'INFO ')[1]).toBe(ALICE)
    await call.bye()
    expect(namesOf(net, CARRIER, 'BYE ')[0]).toBe(shown)
    for (const wire of sentTo(net, PHONE, 'SIP/2.0 ')) expect(names(wire)[0]).toBe(ALICE)
  })
})

describe('nothing more on the wire than is needed', () => {
  test('without a replacement no parameter, nor where nothing changed', async () => {
    for (const from of [undefined, 'sip:alice@wonderland.example']) {
      const { net } = await replacedCall({ from })
      expect(header(sentTo(net, CARRIER, 'INVITE ')[0]!, 'Record-Route')).toBe('<sip:127.0.0.1:5080;lr>')
    }
  })

  test('only the parameter of the header that was replaced', async () => {
    const { net } = await replacedCall({ to: BATMAN })
    const invite = sentTo(net, CARRIER, 'INVITE ')[0]!
    expect([sealOf(invite, 'vsf'), sealOf(invite, 'vst')]).toEqual([undefined, expect.stringMatching(/^~1/)])
  })

  test('with names of the config', async () => {
    const options = { uac: { rrFromParam: 'Xf', rrToParam: 'xt' } }
    const { net, callee } = await replacedCall({ from: ROBIN, to: BATMAN, options })
    const route = header(sentTo(net, CARRIER, 'INVITE ')[0]!, 'Record-Route')
    expect(route).toMatch(/^<sip:127\.0\.0\.1:5080;lr;ftag=[^;]+;Xf=~1[\w-]+;xt=~1[\w-]+>$/)
    await callee.request('BYE')
    expect(namesOf(net, PHONE, 'BYE ')).toEqual([TO_BOB, ALICE])
  })

  test('a request that forms no dialog: its reply is restored', async () => {
    const { net, phone, invite } = await identityNet({ from: ROBIN })
    await phone.send('MESSAGE', BOB, invite)
    const message = sentTo(net, CARRIER, 'MESSAGE ')[0]!
    expect([names(message)[0], header(message, 'Record-Route')]).toEqual([AS_ROBIN, undefined])
    expect(namesOf(net, PHONE, 'SIP/2.0 200')[0]).toBe(ALICE)
  })
})
