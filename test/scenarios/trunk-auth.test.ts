/** A carrier that challenges: what goes over the wire, what the caller sees, and when there is no second try. */
import { answer, challenge, inTurn, reject, simulate } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { ask } from './behaviours.ts'
import { BOB, branch, CARRIER, cseq, digestParam, header, logged, requestUri, SECOND, sentTo } from './wire.ts'

const routes = 'test/scenarios/routes/trunk.ts'
const account = { realm: 'carrier', username: 'test', password: 'test' }

const shapes = [
  { status: 401, name: 'Authorization' },
  { status: 401, name: 'Authorization', qop: 'auth' },
  { status: 407, name: 'Proxy-Authorization' },
  { status: 407, name: 'Proxy-Authorization', qop: 'auth' },
] as const

describe.each(shapes)('a carrier that asks by $status with qop $qop', ({ status, name, ...rest }) => {
  const carrier = challenge({ ...account, status, ...rest })

  test('RFC 3261 §22.2: the retry is the same call with a new branch and CSeq + 1', async () => {
    const net = await simulate({ routes })
    net.uas(CARRIER, carrier)
    expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
    const [first, second, ...more] = sentTo(net, CARRIER, 'INVITE ')
    expect(more).toEqual([])
    expect([cseq(first!), cseq(second!)]).toEqual([1, 2])
    expect(branch(second!)).not.toBe(branch(first!))
    for (const same of ['Call-ID', 'From', 'To', 'Contact', 'Max-Forwards']) {
      expect(header(second!, same)).toBe(header(first!, same))
    }
    expect(header(first!, name)).toBeUndefined()
    expect(header(second!, name)).toContain('Digest username="test", realm="carrier"')
  })

  test('RFC 3261 §17.1.1.3: the ACK to the challenge has its branch and CSeq', async () => {
    const net = await simulate({ routes })
    net.uas(CARRIER, carrier)
    await net.uac().invite(BOB)
    const [first, second] = sentTo(net, CARRIER, 'INVITE ')
    const [toChallenge, toAnswer, ...more] = sentTo(net, CARRIER, 'ACK ')
    expect(more).toEqual([])
    expect([branch(toChallenge!), cseq(toChallenge!)]).toEqual([branch(first!), 1])
    expect(cseq(toAnswer!)).toBe(2)
    expect([branch(first!), branch(second!)]).not.toContain(branch(toAnswer!))
  })

  test('RFC 3261 §22.3: the caller sees nothing of it', async () => {
    const net = await simulate({ routes })
    net.uas(CARRIER, carrier)
    const call = await net.uac().invite(BOB)
    expect(call.statuses).toEqual([100, 180, 200])
    expect(call.responses.map((response) => header(response.toWire(), 'CSeq'))).toEqual(Array(3).fill('1 INVITE'))
  })

  test('RFC 3261 §22.4: the digest is over the Request-URI, with a count only where qop asks for it', async () => {
    const net = await simulate({ routes })
    net.uas(CARRIER, carrier)
    await net.uac().invite('sip:%62ob@127.0.0.1:5080;user=phone')
    const second = sentTo(net, CARRIER, 'INVITE ')[1]!
    const value = header(second, name)
    expect(requestUri(second)).toBe('sip:%62ob@127.0.0.1:5080;user=phone')
    expect(digestParam(value, 'uri')).toBe(requestUri(second))
    expect(digestParam(value, 'nc')).toBe('qop' in rest ? '00000001' : undefined)
    expect(digestParam(value, 'cnonce') !== undefined).toBe('qop' in rest)
  })
})

test.each(['MESSAGE', 'OPTIONS'])('RFC 3261 §22.2: a challenged %s is answered like an INVITE', async (method) => {
  const net = await simulate({ routes })
  net.uas(CARRIER, challenge(account))
  const call = await net.uac().send(method, BOB)
  expect(call.statuses).toEqual([200])
  expect(header(call.final!.toWire(), 'CSeq')).toBe(`1 ${method}`)
  expect(sentTo(net, CARRIER, `${method} `).map(cseq)).toEqual([1, 2])
})

test('RFC 3261 §22.2: a challenged BYE is answered within the dialog', async () => {
  const net = await simulate({ routes: 'test/scenarios/routes/trunk-in-dialog.ts' })
  const carrier = net.uas(CARRIER, challenge(account))
  carrier.inDialog = challenge(account)
  const call = await net.uac().invite(BOB)
  const { status, message } = await call.bye()
  expect(status).toBe(200)
  expect(header(message!.toWire(), 'CSeq')).toBe('2 BYE')
  expect(sentTo(net, CARRIER, 'BYE ').map(cseq)).toEqual([3, 4])
})

test('RFC 3261 §22.2: rejected credentials are not sent again, the carrier answers the caller', async () => {
  const net = await simulate({ routes })
  net.uas(CARRIER, challenge({ ...account, password: 'changed' }))
  const call = await net.uac().invite(BOB)
  expect(call).toBeAnsweredWith(407)
  expect(header(call.final!.toWire(), 'CSeq')).toBe('1 INVITE')
  expect(header(call.final!.toWire(), 'Proxy-Authenticate')).toContain('nonce="nonce-2"')
  expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(2)
  expect(logged(net, 'info')).toEqual(['uac.auth: the credentials of "test" were rejected'])
})

test('RFC 3261 §22.2: a stale nonce rejects no password, one more try with the new one', async () => {
  const net = await simulate({ routes })
  net.uas(CARRIER, inTurn(ask('nonce="1"'), ask('nonce="2", stale=TRUE'), answer()))
  expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
  const invites = sentTo(net, CARRIER, 'INVITE ')
  expect(invites.map(cseq)).toEqual([1, 2, 3])
  expect(invites[2]!.match(/^Proxy-Authorization:.*$/gim)).toEqual([expect.stringContaining('nonce="2"')])
  expect(sentTo(net, CARRIER, 'ACK ').map(cseq)).toEqual([1, 2, 3])
})

test('RFC 3261 §22.2: a stale challenge with the same nonce is no reason to try again', async () => {
  const net = await simulate({ routes })
  net.uas(CARRIER, inTurn(ask('nonce="1"'), ask('nonce="1", stale=true'), answer()))
  expect(await net.uac().invite(BOB)).toBeAnsweredWith(407)
  expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(2)
  expect(logged(net, 'info')).toEqual(['uac.auth: the answer to this nonce was rejected'])
})

test('RFC 3261 §22.3: a carrier behind a proxy that asks too gets both answers at last', async () => {
  const net = await simulate({ routes })
  net.uas(CARRIER, challenge({ ...account, status: 407, next: challenge({ ...account, realm: 'inner', status: 401 }) }))
  expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
  const third = sentTo(net, CARRIER, 'INVITE ')[2]!
  expect(cseq(third)).toBe(3)
  expect(digestParam(header(third, 'Proxy-Authorization'), 'realm')).toBe('carrier')
  expect(digestParam(header(third, 'Authorization'), 'realm')).toBe('inner')
})

test('RFC 3261 §22.2: no credentials for the realm: false, the reason in the log, nothing sent again', async () => {
  const net = await simulate({ routes: 'test/scenarios/routes/configured-credentials.ts' })
  net.uas(CARRIER, challenge(account))
  expect(await net.uac().invite(BOB)).toBeAnsweredWith(407)
  expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(1)
  expect(logged(net, 'info')).toEqual(['uac.auth: no credentials for realm "carrier"'])
})

test.each([
  { what: 'an algorithm', params: 'nonce="1", algorithm=SHA-999', reason: 'algorithm SHA-999 is not known' },
  { what: 'a qop', params: 'nonce="1", qop="auth-conf"', reason: 'qop auth-conf is not known' },
])('RFC 3261 §22.4: $what that is not known is not answered', async ({ params, reason }) => {
  const net = await simulate({ routes })
  net.uas(CARRIER, ask(params))
  expect(await net.uac().invite(BOB)).toBeAnsweredWith(407)
  expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(1)
  expect(logged(net, 'info')).toEqual([`uac.auth: ${reason}`])
})

describe('RFC 3261 §22.1: which credentials', () => {
  const configured = 'test/scenarios/routes/configured-credentials.ts'
  const credentials = [
    { realm: 'carrier', username: 'old', password: 'old' },
    { realm: 'carrier', username: 'test', password: 'test' },
    { realm: 'elsewhere', username: 'else', password: 'else' },
  ]

  test('those of the config are chosen by realm, and the last one wins', async () => {
    const net = await simulate({ routes: configured, credentials })
    net.uas(CARRIER, challenge(account))
    expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
  })

  test('those in vars come before those of the config', async () => {
    const net = await simulate({ routes: configured, credentials })
    net.uas(CARRIER, challenge({ realm: 'carrier', username: 'vera', password: 'vera-secret' }))
    expect(await net.uac().invite(BOB, { headers: { 'X-User': 'vera' } })).toBeAnsweredWith(200)
  })

  test('those in vars for another realm leave it to the config', async () => {
    const net = await simulate({ routes: configured, credentials })
    net.uas(CARRIER, challenge(account))
    const headers = { 'X-User': 'vera', 'X-Realm': 'elsewhere' }
    expect(await net.uac().invite(BOB, { headers })).toBeAnsweredWith(200)
  })

  test.each([
    { realm: 'wanted', status: 200, invites: 2 },
    { realm: 'other', status: 407, invites: 1 },
  ])(
    'those given come before those in vars and the config, and with a realm answer only it: $realm',
    async ({ realm, status, invites }) => {
      // Neither the password in vars nor one of the config goes out in their place.
      const others = [{ realm: 'other', username: 'test', password: 'test' }]
      const net = await simulate({ routes: 'test/scenarios/routes/realm.ts', credentials: others })
      net.uas(CARRIER, challenge({ ...account, realm }))
      expect(await net.uac().invite(BOB)).toBeAnsweredWith(status)
      expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(invites)
    },
  )
})

test('RFC 3261 §16.10: a call that is cancelled while the challenge is thought about is not tried again', async () => {
  const net = await simulate({ routes: 'test/scenarios/routes/slow-auth.ts' })
  net.uas(CARRIER, challenge(account))
  const call = net.uac().dial(BOB)
  await net.advance(100)
  call.cancel()
  await net.until(call.answered)
  expect(call).toBeAnsweredWith(487)
  await net.advance('1s')
  expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(1)
  expect(sentTo(net, CARRIER, 'CANCEL ')).toEqual([])
  const expected = ['canceled before: false', 'uac.auth: the caller has cancelled', 'auth after: false']
  expect(logged(net, 'info')).toEqual(expected)
})

describe('RFC 3261 §16.7: the next carrier starts anew', () => {
  test.each(['next-carrier', 'next-carrier-after-auth'])(
    'without credentials, with the plain CSeq: %s',
    async (name) => {
      const net = await simulate({ routes: `test/scenarios/routes/${name}.ts` })
      net.uas(CARRIER, challenge({ ...account, status: 401, password: 'changed' }))
      net.uas(SECOND, answer())
      const call = await net.uac().invite(BOB)
      expect(call).toBeAnsweredWith(200)
      const [invite, ...more] = sentTo(net, SECOND, 'INVITE ')
      expect(more).toEqual([])
      expect(cseq(invite!)).toBe(1)
      expect(invite).not.toMatch(/^(Proxy-)?Authorization:/im)
      expect((await call.bye()).status).toBe(200)
      expect(sentTo(net, SECOND, 'ACK ').map(cseq)).toEqual([1])
      expect(sentTo(net, SECOND, 'BYE ').map(cseq)).toEqual([2])
    },
  )
})

test('RFC 3261 §22.2: the retry goes to the address that challenged, though its name has moved on', async () => {
  const net = await simulate({ routes: 'test/scenarios/routes/named-carrier.ts' })
  net.names.set('carrier.example', '127.0.0.1')
  const carrier = challenge(account)
  net.uas(CARRIER, (incoming) => {
    net.names.set('carrier.example', '127.0.0.2')
    carrier(incoming)
  })
  net.uas('127.0.0.2:5090', answer())
  expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
  expect(sentTo(net, CARRIER, 'INVITE ').map(cseq)).toEqual([1, 2])
  expect(sentTo(net, '127.0.0.2:5090', '')).toEqual([])
})

test('RFC 3261 §16.9: a carrier whose name is unknown is a 503 made here, a 500 to the caller', async () => {
  const net = await simulate({ routes: 'test/scenarios/routes/named-carrier.ts' })
  expect(await net.uac().invite(BOB)).toBeAnsweredWith(500)
  expect(logged(net, 'info')).toContain('503 made here')
  expect(logged(net, 'warn')).toEqual(['could not send: carrier.example is not among the names of this simulation'])
})

test('Case 26: the retry goes to the host of the list that challenged, and the digest is over its own Request-URI', async () => {
  const net = await simulate({ routes: 'test/scenarios/routes/list.ts' })
  net.uas(CARRIER, reject(503))
  net.uas(SECOND, challenge(account))
  expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
  expect(sentTo(net, CARRIER, 'INVITE ').map(requestUri)).toEqual([BOB])
  const invites = sentTo(net, SECOND, 'INVITE ')
  expect(invites.map(requestUri)).toEqual(Array(2).fill('sip:0049@carrier.example'))
  expect(digestParam(header(invites[1]!, 'Proxy-Authorization'), 'uri')).toBe('sip:0049@carrier.example')
})
