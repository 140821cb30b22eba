/** Requests of the proxy's own (RFC 3261 §8.1): what they are on the wire, how they end, and what cannot be made of them. */
import { answer, challenge, inTurn, reject, silent, simulate, type Incoming } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { PEER, sending } from './sending.ts'
import { branch, cseq, digestParam, header, logged, PHONE, PROXY, requestUri, SECOND, sentTo, THIRD } from './wire.ts'

const account = { username: 'test', password: 'test' }
const guarded = { realm: 'peer.example', status: 401 as const, ...account }

test('Case 49: program 3 sends its MESSAGE: headers and body as they were given, long names, no Contact', async () => {
  const net = await simulate({ routes: 'templates/emergency-notify/routes/main.ts' })
  net.uas(SECOND, answer())
  const call = await net.uac(PHONE).invite('sip:112@127.0.0.1:5080')
  expect(call).toBeAnsweredWith(200)
  await net.advance(1)
  const [wire, ...more] = sentTo(net, SECOND, 'MESSAGE ')
  expect(more).toEqual([])
  const body = 'Emergency call from alice on IP Address 127.0.0.1 to 112 (Emergency Number)'
  expect(wire!.replace(/proxy0x\w+[.-][\w.-]+/g, 'ID').split('\r\n')).toEqual([
    'MESSAGE sip:127.0.0.1:5091 SIP/2.0',
    'Via: SIP/2.0/UDP 127.0.0.1:5080;branch=z9hG4bKID;rport',
    'Max-Forwards: 70',
    'From: "Emergency Alert" <sip:alert@127.0.0.1>;tag=ID',
    'To: <sip:thisphone@127.0.0.1>',
    'Call-ID: ID',
    'CSeq: 1 MESSAGE',
    'Subject: Emergency Alert',
    'Content-Type: text/plain',
    `Content-Length: ${body.length}`,
    '',
    body,
  ])
  expect(logged(net, 'info')).toEqual(['notified: 200'])
  await call.bye()
})

test('Case 49: a From that is no legal URI is refused where it is set', async () => {
  const { net, begin } = await sending(answer())
  const refused = begin({ from: 'sip:Emergency Alert' })
  await expect(refused).rejects.toMatchObject({ code: 'BAD_URI', message: 'not a URI: "sip:Emergency Alert"' })
  await expect(refused).rejects.toHaveProperty('stack', expect.stringContaining('send.test.ts'))
  expect(net.network.sent).toEqual([])
})

test.each([
  { status: 401 as const, challenges: 'WWW-Authenticate', answers: 'Authorization' },
  { status: 407 as const, challenges: 'Proxy-Authenticate', answers: 'Proxy-Authorization' },
])('Case 50: an INFO challenged $status is sent once more with $answers', async ({ status, answers }) => {
  const { net, peer, send } = await sending(challenge({ ...guarded, status, qop: 'auth' }))
  const res = await send({ method: 'INFO', auth: account, headers: { Subject: 'kept' }, body: 'kept' })
  expect([res.status, res.local]).toEqual([200, false])
  const [first, second, ...more] = sentTo(net, SECOND, 'INFO ')
  expect(more).toEqual([])
  expect([header(first!, answers), cseq(first!), cseq(second!)]).toEqual([undefined, 1, 2])
  for (const name of ['Call-ID', 'From', 'To', 'Subject']) expect(header(second!, name)).toBe(header(first!, name))
  expect(header(second!, 'To')).not.toContain('tag=')
  expect(branch(second!)).not.toBe(branch(first!))
  expect(second!.endsWith('\r\n\r\nkept')).toBe(true)
  expect(digestParam(header(second!, answers), 'uri')).toBe(PEER)
  expect(peer.requests('INFO')).toHaveLength(2)
})

describe('Case 51: what a request is made of', () => {
  test.each([
    { what: 'a URI', from: 'sip:a@x;user=phone', from_: '<sip:a@x;user=phone>', tagged: true },
    { what: 'a name-addr', from: 'Al <sip:a@x>', from_: '"Al" <sip:a@x>', tagged: true },
    { what: 'with its tag', from: '"A \\"l\\"" <sip:a@x>;tag=own;q=1', from_: '"A \\"l\\"" <sip:a@x>;q=1;tag=own' },
    {
      what: 'its parts',
      from: { display: 'Zoë "Z"', uri: 'sip:z@x', tag: 't' },
      from_: '"Zoë \\"Z\\"" <sip:z@x>;tag=t',
    },
    { what: 'a tel URI', from: 'tel:+49301', from_: '<tel:+49301>', tagged: true },
    { what: 'nothing', from: undefined, from_: `<${PEER}>`, tagged: true },
  ])('From as $what', async ({ from, from_, tagged }) => {
    const { net, send } = await sending(answer())
    expect((await send({ ...(from !== undefined && { from, to: from }) })).status).toBe(200)
    const [wire] = sentTo(net, SECOND, 'MESSAGE ')
    const value = Buffer.from(header(wire!, 'From')!, 'latin1').toString()
    expect(value.replace(/;tag=proxy0x\w+-\w+$/, ';tag=fresh')).toBe(from_ + (tagged ? ';tag=fresh' : ''))
    const to = Buffer.from(header(wire!, 'To')!, 'latin1').toString()
    expect(to).toBe(from_)
  })

  test('Request-URI, next hop, Max-Forwards, Call-ID and CSeq of its own', async () => {
    const { net, send } = await sending(answer())
    const res = await send({
      ruri: 'sip:far@away.example',
      via: `sip:${SECOND}`,
      headers: { 'Max-Forwards': '7', 'X-List': ['a', 'b'], s: 'short' },
      callId: 'my-call@here',
      cseq: 41,
      body: new Uint8Array([0x41, 0xff]),
    })
    const [wire] = sentTo(net, SECOND, 'MESSAGE ')
    expect(requestUri(wire!)).toBe('sip:far@away.example')
    const names = ['Max-Forwards', 'Call-ID', 'CSeq', 'Subject', 'Content-Length', 'Route']
    expect(names.map((name) => header(wire!, name))).toEqual([
      '7',
      'my-call@here',
      '41 MESSAGE',
      'short',
      '2',
      undefined,
    ])
    expect(wire!.match(/^X-List: .*$/gm)).toEqual(['X-List: a', 'X-List: b'])
    expect(wire!.endsWith('\r\n\r\nA\xff')).toBe(true)
    expect([res.status, res.callId, res.cseq.number]).toEqual([200, 'my-call@here', 41])
  })

  test('a Route is the next hop, and a strict router gets itself as Request-URI', async () => {
    const { net, send } = await sending(answer())
    net.uas(THIRD, answer())
    await send({ ruri: 'sip:far@away.example', headers: { Route: [`<sip:${SECOND};lr>`, '<sip:next.example;lr>'] } })
    await send({ ruri: 'sip:far@away.example', headers: { Route: [`<sip:${THIRD}>`] } })
    const [loose, strict] = [sentTo(net, SECOND, 'MESSAGE ')[0]!, sentTo(net, THIRD, 'MESSAGE ')[0]!]
    expect([requestUri(loose), loose.match(/^Route: .*$/gm)]).toEqual([
      'sip:far@away.example',
      [`Route: <sip:${SECOND};lr>`, 'Route: <sip:next.example;lr>'],
    ])
    expect([requestUri(strict), header(strict, 'Route')]).toEqual([`sip:${THIRD}`, '<sip:far@away.example>'])
  })

  test('a Contact of ours where a dialog may come of it, the given one otherwise', async () => {
    const { net, send } = await sending(answer({ status: 202 }))
    await send({ method: 'SUBSCRIBE', headers: { Event: 'presence' } })
    await send({ method: 'SUBSCRIBE', headers: { Event: 'presence', Contact: '<sip:me@elsewhere>' } })
    await send({ method: 'OPTIONS' })
    const contacts = net.network.sent.filter(({ to }) => to === SECOND).map(({ wire }) => header(wire, 'Contact'))
    expect(contacts).toEqual([`<sip:${PROXY}>`, '<sip:me@elsewhere>', undefined])
  })
})

test('Case 52: the event is told of the 401, then of the 200, with the parameter; the promise of the 200', async () => {
  const { net, send } = await sending(challenge(guarded))
  const res = await send({ auth: account, param: 'cookie', headers: { Subject: 'x' } })
  expect(res.status).toBe(200)
  expect(logged(net, 'info')).toEqual([
    'MESSAGE 1 401 Unauthorized received cookie x',
    'MESSAGE 2 200 OK received cookie x',
  ])
})

test('Case 52: nobody answers: a 408 made here, with the Call-ID, From, To and CSeq of the request, after 64 × T1', async () => {
  const { net, send } = await sending(silent())
  const started = net.clock.now()
  const res = await send({ from: { uri: 'sip:a@b', tag: 'mine' }, to: 'sip:c@d', callId: 'lost', cseq: 5, param: 'p' })
  expect(net.clock.now() - started).toBe(32_000)
  expect([res.status, res.local, res.callId, res.cseq]).toEqual([408, true, 'lost', { number: 5, method: 'MESSAGE' }])
  expect([res.from.tag, res.to.uri.user, res.via.host, res.source.port]).toEqual(['mine', 'c', '127.0.0.1', 5080])
  expect(logged(net, 'info')).toEqual(['MESSAGE 5 408 Request Timeout local p undefined'])
})

test('Case 52: `timeout` is a bound of its own, and what comes later means nothing', async () => {
  const { net, send } = await sending(answer({ after: '3s' }))
  const started = net.clock.now()
  const res = await send({ timeout: '2s' })
  expect([res.status, res.local, net.clock.now() - started]).toEqual([408, true, 2_000])
  await net.advance('10s')
  expect(logged(net, 'info')).toHaveLength(1)
  expect(sentTo(net, SECOND, 'MESSAGE ')).toHaveLength(3)
})

test('RFC 3261 §18.4: a next hop that cannot be reached is a 503 made here', async () => {
  const { net, send } = await sending(answer())
  for (const ruri of [
    'sip:x@nowhere.example',
    'sips:x@127.0.0.1',
    'sip:x@[2001:db8::1]',
    'sip:127.0.0.1;transport=tcp',
  ]) {
    const res = await send({ ruri })
    expect([ruri, res.status, res.local]).toEqual([ruri, 503, true])
  }
  expect(net.network.sent).toEqual([])
  expect(logged(net, 'warn')[0]).toBe('could not send: nowhere.example is not among the names of this simulation')
})

test('Case 53: credentials of one request never answer a challenge to another', async () => {
  const { net, send } = await sending(challenge(guarded))
  expect((await send({ auth: account })).status).toBe(200)
  expect((await send({})).status).toBe(401)
  expect((await send({ auth: { username: 'other', password: 'other' } })).status).toBe(401)
  const users = sentTo(net, SECOND, 'MESSAGE ').map((wire) => digestParam(header(wire, 'Authorization'), 'username'))
  expect(users).toEqual([undefined, 'test', undefined, undefined, 'other'])
})

test('Case 53: nothing else of one request is in the next: every id is new, every option its default', async () => {
  const { net, send } = await sending(answer())
  await send({ method: 'INFO', from: 'sip:a@b', headers: { Subject: 'x' }, body: 'x', cseq: 9, timeout: '1s' })
  await send({ method: 'INFO' })
  const [first, second] = sentTo(net, SECOND, 'INFO ')
  expect(second!.split('\r\n')).toHaveLength(10)
  for (const name of ['Call-ID', 'From']) expect(header(second!, name)).not.toBe(header(first!, name))
  expect([cseq(second!), header(second!, 'Content-Length'), header(second!, 'Subject')]).toEqual([1, '0', undefined])
})

describe('Case 56: what is challenged again', () => {
  test('with another nonce, though credentials were sent, is one result and no third request', async () => {
    const { net, send } = await sending(challenge({ ...guarded, password: 'another' }))
    expect((await send({ auth: account })).status).toBe(401)
    expect(sentTo(net, SECOND, 'MESSAGE ')).toHaveLength(2)
    expect(logged(net, 'info').at(-2)).toBe('uac.send: the credentials of "test" were rejected')
  })

  test('because the nonce is stale is answered once more', async () => {
    const stale =
      (nonce: string, more = '') =>
      (incoming: Incoming) =>
        incoming.answer(401, { 'WWW-Authenticate': `Digest realm="r", nonce="${nonce}"${more}` })
    const { net, send } = await sending(inTurn(stale('1'), stale('2', ', stale=true'), answer()))
    expect((await send({ auth: account })).status).toBe(200)
    const sent = sentTo(net, SECOND, 'MESSAGE ')
    expect(sent.map(cseq)).toEqual([1, 2, 3])
    expect(sent.map((wire) => wire.match(/^Authorization:/gm)?.length)).toEqual([undefined, 1, 1])
  })

  test('because the nonce is stale for ever ends all the same', async () => {
    let nonces = 0
    const { net, send } = await sending((incoming) =>
      incoming.answer(401, { 'WWW-Authenticate': `Digest realm="r", nonce="${++nonces}", stale=true` }),
    )
    expect((await send({ auth: account })).status).toBe(401)
    expect(sentTo(net, SECOND, 'MESSAGE ')).toHaveLength(3)
  })

  test('by a realm that the credentials are not for is not answered', async () => {
    const { net, send } = await sending(challenge(guarded))
    expect((await send({ auth: { ...account, realm: 'other' } })).status).toBe(401)
    expect(sentTo(net, SECOND, 'MESSAGE ')).toHaveLength(1)
  })
})

test('Case 56: a socket that is none of ours is refused, and one of ours is used', async () => {
  const { net, begin, send } = await sending(answer())
  await expect(begin({ socket: 'udp:127.0.0.1:9' })).rejects.toMatchObject({
    code: 'NO_SOCKET',
    message: 'no socket of ours is "udp:127.0.0.1:9": there is udp:127.0.0.1:5080',
  })
  expect(net.network.sent).toEqual([])
  expect((await send({ socket: 'udp:127.0.0.1:5080' })).status).toBe(200)
  expect((await send({ socket: 'udp:127.0.0.1:5080', ruri: 'sip:[2001:db8::1]' })).status).toBe(503)
})

describe('RFC 3261 §7.3: what would break the message is refused, nothing sent', () => {
  test.each([
    ['method', { method: 'MESSAGE\r\nX: y' }, 'BAD_REQUEST'],
    ['method with a blank', { method: 'A B' }, 'BAD_REQUEST'],
    ['an ACK', { method: 'ACK' }, 'BAD_REQUEST'],
    ['a CANCEL', { method: 'CANCEL' }, 'BAD_REQUEST'],
    ['Request-URI', { ruri: 'sip:a@b\r\nX: y' }, 'BAD_URI'],
    ['Request-URI with headers', { ruri: 'sip:a@b?X=y' }, 'BAD_URI'],
    ['Request-URI that names no host', { ruri: 'tel:+49' }, 'BAD_TARGET'],
    ['next hop', { via: 'sip:a b' }, 'BAD_URI'],
    ['next hop that names no host', { via: 'tel:+49' }, 'BAD_TARGET'],
    ['From URI', { from: { uri: 'sip:a@b>\r\nX: y' } }, 'BAD_URI'],
    ['From display', { from: { display: 'A\r\nX: y', uri: 'sip:a@b' } }, 'BAD_HEADER'],
    ['From tag', { from: { uri: 'sip:a@b', tag: 'x\r\ny' } }, 'BAD_REQUEST'],
    ['From name-addr', { from: '"A\r\nX: y" <sip:a@b>' }, 'BAD_REQUEST'],
    ['From of two', { from: '<sip:a@b>;x=y, <sip:c@d>' }, 'BAD_REQUEST'],
    ['From of two by a quoted bracket', { from: '"<x>" <sip:a@b>, <sip:c@d>;tag=x' }, 'BAD_REQUEST'],
    ['From with a NUL', { from: 'A\0 <sip:a@b>' }, 'BAD_REQUEST'],
    ['From without a URI', { from: 'A <b>' }, 'BAD_URI'],
    ['To name-addr', { to: 'sip:a@b>, <sip:c' }, 'BAD_REQUEST'],
    ['To with headers', { to: '<sip:a@b?X=y>' }, 'BAD_URI'],
    ['a header value', { headers: { Subject: 'a\r\nX: y' } }, 'BAD_HEADER'],
    ['a header value in a list', { headers: { Subject: ['a', 'b\ny'] } }, 'BAD_HEADER'],
    ['a header name', { headers: { 'X: y\r\nZ': 'a' } }, 'BAD_HEADER'],
    ['an empty header name', { headers: { '': 'a' } }, 'BAD_HEADER'],
    ['Via', { headers: { Via: 'a' } }, 'CORE_HEADER'],
    ['Via by its short form', { headers: { v: 'a' } }, 'CORE_HEADER'],
    ['From among the headers', { headers: { From: '<sip:a@b>' } }, 'CORE_HEADER'],
    ['To among the headers', { headers: { t: '<sip:a@b>' } }, 'CORE_HEADER'],
    ['Call-ID among the headers', { headers: { 'Call-ID': 'a' } }, 'CORE_HEADER'],
    ['CSeq among the headers', { headers: { CSeq: '1 INFO' } }, 'CORE_HEADER'],
    ['Content-Length', { headers: { 'content-length': '5' } }, 'CORE_HEADER'],
    ['Record-Route', { headers: { 'Record-Route': '<sip:a>' } }, 'CORE_HEADER'],
    ['two Content-Types', { headers: { 'Content-Type': 'a/b', c: 'c/d' } }, 'BAD_HEADER'],
    ['Max-Forwards', { headers: { 'Max-Forwards': 'many' } }, 'BAD_HEADER'],
    ['Route', { headers: { Route: 'x y' } }, 'BAD_HEADER'],
    ['Call-ID', { callId: 'a b' }, 'BAD_REQUEST'],
    ['Call-ID with a line end', { callId: 'a\r\nX: y' }, 'BAD_REQUEST'],
    ['Call-ID with a line end behind it', { callId: 'a\n' }, 'BAD_REQUEST'],
    ['CSeq', { cseq: 2 ** 31 }, 'BAD_REQUEST'],
    ['CSeq that is no number', { cseq: 1.5 }, 'BAD_REQUEST'],
    ['timeout', { timeout: 'soon' }, 'BAD_DURATION'],
    ['To with two tags', { to: '<sip:a@b>;tag=1;tag=2' }, 'BAD_REQUEST'],
    ['credentials that are null', { auth: null as never }, 'BAD_CREDENTIALS'],
    ['credentials that are empty', { auth: {} as never }, 'BAD_CREDENTIALS'],
    ['headers that are null', { headers: null as never }, 'BAD_REQUEST'],
    ['a header value that is null', { headers: { X: null as never } }, 'BAD_HEADER'],
    ['a body that is a number', { body: 5 as never }, 'BAD_REQUEST'],
  ])('%s', async (_what, options, code) => {
    const { net, begin } = await sending(answer())
    await expect(begin(options)).rejects.toMatchObject({ name: 'SignalboxError', code })
    expect(net.network.sent).toEqual([])
    expect(net.stack.sending).toBe(0)
  })
})

test('RFC 3261 §21.5.4: more than limits.ownRequests at a time are answered 503 here, and room is made as they end', async () => {
  const { net, begin, send } = await sending(silent(), { limits: { ownRequests: 2 } })
  const held = [begin({ timeout: '1s' }), begin({ timeout: '1s' })]
  const res = await send({})
  expect([res.status, res.reason, res.local]).toEqual([503, 'Too Many Requests Of Our Own', true])
  for (const each of held) expect((await net.until(each)).status).toBe(408)
  expect((await send({ timeout: 100 })).status).toBe(408)
})

test('RFC 3261 §8.1.3.4: a 3xx and any other failure are results', async () => {
  const { send } = await sending(reject(302, { Contact: '<sip:there@192.0.2.7>;q=0.5' }))
  const res = await send({})
  expect([res.status, res.contacts[0]?.uri.user]).toEqual([302, 'there'])
})
