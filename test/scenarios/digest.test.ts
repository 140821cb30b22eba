/** The digest client on calls: every algorithm and qop, odd challenges, stored HA1s, several realms. */
import { answer, challenge, inTurn, simulate, type ChallengeOptions, type Simulation } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { isRightDigest } from './recompute-digest.ts'
import { BOB, branch, CARRIER, cseq, digestParam, header, logged, sentTo } from './wire.ts'

const trunk = 'test/scenarios/routes/trunk.ts'
const configured = 'test/scenarios/routes/configured-credentials.ts'
const account = { realm: 'carrier', username: 'test', password: 'test' }

/** Of the account, by somebody else's hand: `printf test:carrier:test | md5sum`. */
const ha1 = {
  MD5: '684162b3170ca2c8c5addce68f0130ab',
  'SHA-256': 'bc0f40c722e1dd3176e418cdbf3c9d53d833a023671f7afdb6a6c68d0f170c41',
  'SHA-512-256': 'fc672bbb43a649d890ab42f4bf83e6ae3b9bd7d61b39768795a63db34950bd10',
}

interface Shape extends Omit<Partial<ChallengeOptions>, 'username' | 'password'> {
  method?: string
  body?: string
}

/** A call to a carrier that asks so; gives the simulation and what was sent the second time. */
async function answered({ method = 'INVITE', body, ...shape }: Shape, routes = trunk): Promise<[Simulation, string]> {
  const net = await simulate({ routes })
  net.uas(CARRIER, challenge({ ...account, ...shape }))
  expect(await net.uac().invite(BOB, { method, ...(body !== undefined && { body }) })).toBeAnsweredWith(200)
  const [, second, ...more] = sentTo(net, CARRIER, `${method} `)
  expect(more).toEqual([])
  const name = shape.status === 401 ? 'Authorization' : 'Proxy-Authorization'
  expect(isRightDigest(second!, name, account.username, account.password)).toBe(true)
  return [net, header(second!, name)!]
}

/** The carrier's `401` or `407` with these very headers, and what it says the second time. */
async function asked(headers: Record<string, string | string[]>, routes = trunk): Promise<[Simulation, number]> {
  const net = await simulate({ routes })
  const status = 'WWW-Authenticate' in headers ? 401 : 407
  net.uas(
    CARRIER,
    inTurn((incoming) => incoming.answer(status, headers), answer()),
  )
  const { status: heard } = await net.uac().invite(BOB)
  expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
  return [net, heard]
}

const digest = (params: string): string => `Digest realm="carrier", ${params}`

test('Case 1: a 401 without qop, on the wire', async () => {
  const net = await simulate({ routes: trunk })
  net.uas(CARRIER, challenge({ ...account, realm: 'asterisk', status: 401, nonce: 'n1' }))
  const call = await net.uac().invite('sip:bob@example.net')
  expect(call.statuses).toEqual([100, 180, 200])
  const [first, second] = sentTo(net, CARRIER, 'INVITE ')
  const [ack] = sentTo(net, CARRIER, 'ACK ')
  const [refused] = net.network.sent.filter(({ wire }) => wire.startsWith('SIP/2.0 401')).map(({ wire }) => wire)
  expect([branch(ack!), header(ack!, 'To')]).toEqual([branch(first!), header(refused!, 'To')])
  expect(branch(second!)).not.toBe(branch(first!))
  for (const same of ['Call-ID', 'From', 'To']) expect(header(second!, same)).toBe(header(first!, same))
  expect(header(second!, 'Authorization')).toBe(
    'Digest username="test", realm="asterisk", nonce="n1", uri="sip:bob@example.net", ' +
      'response="250d0d742ed12d43c8b185a2421b7ddb", algorithm=MD5',
  )
})

test('Case 2: a 407 is answered in Proxy-Authorization, and nowhere else', async () => {
  const [net] = await answered({ status: 407 })
  const [, second] = sentTo(net, CARRIER, 'INVITE ')
  expect(header(second!, 'Authorization')).toBeUndefined()
})

test('Case 3: qop="auth" is answered with a count and a cnonce', async () => {
  const [, value] = await answered({ qop: 'auth' })
  expect([digestParam(value, 'qop'), digestParam(value, 'nc')]).toEqual(['auth', '00000001'])
  expect(digestParam(value, 'cnonce')).toMatch(/^[0-9a-f]{32}$/)
})

test.each([
  ['Case 4', 'auth,auth-int', 'auth'],
  ['Case 6', 'auth-int,auth', 'auth'],
  ['Case 7', 'AUTH', 'auth'],
])('%s: of qop="%s" it is %s', async (_, qop, chosen) => {
  const [, value] = await answered({ qop })
  expect(digestParam(value, 'qop')).toBe(chosen)
})

test.each([
  ['with SDP', 'INVITE', undefined],
  ['with text that is not ASCII', 'MESSAGE', 'gr\xc3\xbc\xc3\x9fe'],
  ['with nothing', 'INVITE', ''],
  ['with nothing', 'OPTIONS', ''],
])('Case 5: qop="auth-int" alone: %s in the %s', async (_, method, body) => {
  const [, value] = await answered({ qop: 'auth-int', method, ...(body !== undefined && { body }) })
  expect(digestParam(value, 'qop')).toBe('auth-int')
})

describe('Case 7: an odd challenge ends in an answer or in the carrier’s own, and the next call is served', () => {
  test.each([
    ['nonce="1", qop="foo"', 407],
    ['nonce="1", qop="foo,bar"', 407],
    ['nonce="1", qop=""', 200],
    ['nonce="1", qop=', 200],
    ['nonce="1", qop', 200],
    ['nonce "1", qop="auth"', 407],
    ['nonce=, qop="auth"', 407],
    ['nonce="1', 407],
    ['nonce="1", algorithm=MD5-sess, qop="foo"', 407],
    ['nonce="1", algorithm="SHA-1"', 407],
    ['nonce="1", qop="auth-int,', 200],
    ['', 407],
  ])('%s', async (params, expected) => {
    const [net, heard] = await asked({ 'Proxy-Authenticate': digest(params) })
    expect(heard).toBe(expected)
    const invites = sentTo(net, CARRIER, 'INVITE ')
    expect(invites).toHaveLength(expected === 200 ? 3 : 2)
    if (expected === 200) expect(isRightDigest(invites[1]!, 'Proxy-Authorization', 'test', 'test')).toBe(true)
  })
})

test.each([
  ['md5', 'abc', 'md5'],
  ['', undefined, 'MD5'],
])('Case 8: algorithm %j and opaque %j are echoed', async (algorithm, opaque, expected) => {
  const [, value] = await answered({ algorithm, ...(opaque !== undefined && { opaque }) })
  expect([digestParam(value, 'algorithm'), digestParam(value, 'opaque')]).toEqual([expected, opaque])
})

describe.each(['MD5', 'SHA-256', 'SHA-512-256', 'MD5-sess', 'SHA-256-sess', 'SHA-512-256-sess'])(
  'Case 9: %s',
  (algorithm) => {
    test.each([undefined, 'auth', 'auth-int'])('with qop %s', async (qop) => {
      const [, value] = await answered({ algorithm, ...(qop !== undefined && { qop }) })
      expect(value).toContain(`algorithm=${algorithm}`)
      expect(digestParam(value, 'cnonce') !== undefined).toBe(qop !== undefined || algorithm.endsWith('-sess'))
    })

    test('with the user name as a hash', async () => {
      const [, value] = await answered({ algorithm, userhash: true })
      expect(value).not.toContain('username="test"')
    })
  },
)

describe('Case 10: of SHA-256 above MD5', () => {
  const algorithm = ['SHA-256', 'MD5']

  test('the topmost is answered', async () => {
    const [, value] = await answered({ algorithm })
    expect(digestParam(value, 'algorithm')).toBe('SHA-256')
  })

  test.each([
    [ha1.MD5, 'MD5'],
    [{ MD5: ha1.MD5 }, 'MD5'],
    [ha1, 'SHA-256'],
  ])('what a stored HA1 can serve is: %j', async (stored, expected) => {
    const net = await simulate({
      routes: configured,
      credentials: [{ realm: 'carrier', username: 'test', ha1: stored }],
    })
    net.uas(CARRIER, challenge({ ...account, algorithm }))
    expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
    const value = header(sentTo(net, CARRIER, 'INVITE ')[1]!, 'Proxy-Authorization')
    expect(digestParam(value, 'algorithm')).toBe(expected)
  })
})

describe('Case 11: what is not known is passed over', () => {
  test.each([
    ['another algorithm', { algorithm: ['X-NEW', 'SHA-1', 'MD5'] }],
    ['other schemes', { above: ['Bearer', 'Basic realm="carrier"', 'Negotiate YWJj=='] }],
    ['several in one line', { above: ['Digest realm="carrier", nonce="x", algorithm=X-NEW, Basic realm="carrier"'] }],
  ])('%s', async (_, shape) => {
    const [, value] = await answered(shape)
    expect(digestParam(value, 'algorithm')).toBe('MD5')
  })

  test('two in one line: the topmost is answered', async () => {
    const both = digest('nonce="1", algorithm=SHA-256, Digest realm="carrier", nonce="2"')
    const [net, heard] = await asked({ 'WWW-Authenticate': both })
    expect(heard).toBe(200)
    expect(digestParam(header(sentTo(net, CARRIER, 'INVITE ')[1]!, 'Authorization'), 'nonce')).toBe('1')
  })
})

describe('Case 12: quotes', () => {
  test.each(['a "quoted" realm', 'back\\slash', 'one, two = three'])('a realm %s', async (realm) => {
    await answered({ realm })
  })

  test('a realm without quotes', async () => {
    const [net, heard] = await asked({ 'Proxy-Authenticate': 'Digest realm=asterisk, nonce="1"' })
    expect(heard).toBe(200)
    expect(header(sentTo(net, CARRIER, 'INVITE ')[1]!, 'Proxy-Authorization')).toContain('realm="asterisk", nonce="1"')
  })

  test('a user name with quotes', async () => {
    const credentials = [{ realm: 'carrier', username: 'al"ice\\', password: 'x' }]
    const net = await simulate({ routes: configured, credentials })
    net.uas(CARRIER, challenge(credentials[0]!))
    expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
  })
})

describe('Case 13: no credentials for the realm', () => {
  const elsewhere = [{ ...account, realm: 'elsewhere' }]

  test('nothing is sent again, and the caller has the carrier’s answer', async () => {
    const net = await simulate({ routes: configured, credentials: elsewhere })
    net.uas(CARRIER, challenge({ ...account, status: 401 }))
    const call = await net.uac().invite(BOB)
    expect(call.statuses).toEqual([100, 401])
    expect(header(call.final!.toWire(), 'WWW-Authenticate')).toContain('realm="carrier"')
    expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(1)
    expect(logged(net, 'info')).toEqual(['uac.auth: no credentials for realm "carrier"'])
  })

  test('or, where the route wants it, another one without the challenge', async () => {
    const net = await simulate({ routes: 'test/scenarios/routes/own-refusal.ts', credentials: elsewhere })
    net.uas(CARRIER, challenge({ ...account, status: 401 }))
    const call = await net.uac().invite(BOB)
    expect(call.statuses).toEqual([100, 480])
    expect(call.final!.toWire()).not.toContain('Authenticate')
  })
})

test.each([
  ['carrier', 407],
  ['CARRIER', 407],
  ['wanted', 200],
])('Case 14: credentials given for the realm "wanted" answer %s: %d', async (realm, expected) => {
  const net = await simulate({ routes: 'test/scenarios/routes/realm.ts' })
  net.uas(CARRIER, challenge({ ...account, realm }))
  expect(await net.uac().invite(BOB)).toBeAnsweredWith(expected)
})

test('Case 14: an empty realm in vars accepts any', async () => {
  const net = await simulate({ routes: configured })
  net.uas(CARRIER, challenge({ realm: 'any at all', username: 'vera', password: 'vera-secret' }))
  expect(await net.uac().invite(BOB, { headers: { 'X-User': 'vera', 'X-Realm': '' } })).toBeAnsweredWith(200)
})

test('Case 15: of two credentials for one realm the later one counts', async () => {
  const net = await simulate({ routes: configured, credentials: [{ ...account, username: 'old' }, account] })
  net.uas(CARRIER, challenge(account))
  expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
})

describe('Case 16: a stored HA1', () => {
  test.each(['MD5', 'SHA-256', 'SHA-512-256'] as const)('gives what the password gives: %s', async (algorithm) => {
    const answers: (string | undefined)[] = []
    for (const secret of [{ password: 'test' }, { ha1: { [algorithm]: ha1[algorithm].toUpperCase() } }]) {
      const credentials = [{ realm: 'carrier', username: 'test', ...secret }]
      const net = await simulate({ routes: configured, credentials })
      net.uas(CARRIER, challenge({ ...account, algorithm, nonce: 'n' }))
      expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
      answers.push(header(sentTo(net, CARRIER, 'INVITE ')[1]!, 'Proxy-Authorization'))
    }
    expect(answers[1]).toBe(answers[0])
  })

  test('does not stick: the next call’s password is one', async () => {
    const net = await simulate({
      routes: configured,
      credentials: [{ realm: 'carrier', username: 'test', ha1: ha1.MD5 }],
    })
    net.uas(CARRIER, challenge({ ...account, next: answer() }))
    expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
    await net.advance('1s')
    const next = net.uac().dial(BOB, { headers: { 'X-User': 'test' } })
    await net.until(next.answered)
    const [, , , last] = sentTo(net, CARRIER, 'INVITE ')
    expect(isRightDigest(last!, 'Proxy-Authorization', 'test', 'test-secret')).toBe(true)
  })
})

test.each(['abc', ha1.MD5 + '0', ha1.MD5.replace(/^./, 'x'), { MD5: ha1['SHA-256'] }])(
  'Case 17: a HA1 that is none, %j, fails before anything is sent',
  async (stored) => {
    const net = await simulate({
      routes: configured,
      credentials: [{ realm: 'carrier', username: 'test', ha1: stored }],
    })
    net.uas(CARRIER, challenge(account))
    expect(await net.uac().invite(BOB)).toBeAnsweredWith(407)
    expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(1)
    expect(logged(net, 'info')).toEqual([expect.stringMatching(/^uac\.auth: the ha1 of "test" is not .*hex digits/)])
  },
)

describe('Case 18: a rejected answer', () => {
  test.each(['MD5', 'SHA-256', ['SHA-256', 'MD5']])('a wrong password is sent once: %j', async (algorithm) => {
    const net = await simulate({ routes: trunk })
    net.uas(CARRIER, challenge({ ...account, algorithm, password: 'changed' }))
    expect((await net.uac().invite(BOB)).statuses).toEqual([100, 407])
    expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(2)
  })

  test('a stale nonce gives one more try, whose count begins anew', async () => {
    const net = await simulate({ routes: trunk })
    net.uas(CARRIER, challenge({ ...account, qop: 'auth', stale: 1 }))
    expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
    const values = sentTo(net, CARRIER, 'INVITE ').map((wire) => header(wire, 'Proxy-Authorization'))
    expect(values.map((value) => digestParam(value, 'nonce'))).toEqual([undefined, 'nonce-1', 'nonce-2'])
    expect(values.slice(1).map((value) => digestParam(value, 'nc'))).toEqual(['00000001', '00000001'])
  })

  test('and no more, whatever is called stale', async () => {
    const net = await simulate({ routes: trunk })
    net.uas(CARRIER, challenge({ ...account, qop: 'auth', stale: 99 }))
    expect((await net.uac().invite(BOB)).statuses).toEqual([100, 407])
    expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(3)
  })

  test('RFC 7616 §3.4: a nonce that serves many calls counts up', async () => {
    const net = await simulate({ routes: trunk })
    net.uas(CARRIER, challenge({ ...account, qop: 'auth', nonce: 'same' }))
    const counts: (string | undefined)[] = []
    for (let i = 0; i < 3; i++) {
      expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
      counts.push(digestParam(header(sentTo(net, CARRIER, 'INVITE ').at(-1)!, 'Proxy-Authorization'), 'nc'))
    }
    expect(counts).toEqual(['00000001', '00000002', '00000003'])
  })
})

test('Case 19: a 401 of one realm, then a 407 of another: the third INVITE has both answers', async () => {
  const net = await simulate({ routes: trunk })
  const inner = challenge({ ...account, realm: 'r2', status: 407, algorithm: 'SHA-256', qop: 'auth' })
  net.uas(CARRIER, challenge({ ...account, realm: 'r1', status: 401, qop: 'auth', next: inner }))
  const call = await net.uac().invite(BOB)
  expect(call.statuses).toEqual([100, 180, 200])
  const invites = sentTo(net, CARRIER, 'INVITE ')
  expect(invites.map(cseq)).toEqual([1, 2, 3])
  const names = ['Authorization', 'Proxy-Authorization']
  expect(names.map((name) => digestParam(header(invites[2]!, name), 'realm'))).toEqual(['r1', 'r2'])
  for (const name of names) expect(isRightDigest(invites[2]!, name, 'test', 'test')).toBe(true)
})

describe('Case 20: several realms ask in one response', () => {
  test.each([401, 407] as const)('in both headers of a %d: both are answered at once', async (status) => {
    const net = await simulate({ routes: trunk })
    const other = { ...account, realm: 'other', status: status === 401 ? 407 : 401, qop: 'auth' } as const
    net.uas(CARRIER, challenge({ ...account, status, also: [other] }))
    expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
    const invites = sentTo(net, CARRIER, 'INVITE ')
    expect(invites.map(cseq)).toEqual([1, 2])
    for (const name of ['Authorization', 'Proxy-Authorization']) {
      expect(isRightDigest(invites[1]!, name, 'test', 'test')).toBe(true)
    }
  })

  test('in one header, as a proxy that forks gathers them: those with credentials are answered', async () => {
    const net = await simulate({ routes: configured, credentials: [account, { ...account, realm: 'other' }] })
    net.uas(
      CARRIER,
      challenge({ ...account, also: [{ ...account, realm: 'other' }], above: ['Digest realm="unknown", nonce="u"'] }),
    )
    expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
    const [, second, ...more] = sentTo(net, CARRIER, 'INVITE ')
    expect(more).toEqual([])
    const realms = second!.match(/^Proxy-Authorization:.*$/gm)!.map((value) => digestParam(value, 'realm'))
    expect(realms).toEqual(['carrier', 'other'])
  })
})
