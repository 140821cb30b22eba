import { describe, expect, test } from 'vitest'
import { SignalboxError, type Problem } from '../errors.ts'
import { defaultLimits } from '../limits.ts'
import { parseConfig } from './config.ts'

const file = '/srv/proxy/signalbox.config.ts'
const parse = (raw: unknown, env: Record<string, string> = {}) => parseConfig(raw, file, env)

function problems(raw: unknown, env: Record<string, string> = {}): readonly Problem[] {
  try {
    parse(raw, env)
  } catch (error) {
    if (error instanceof SignalboxError && error.code === 'CONFIG') return error.problems
    throw error
  }
  throw new Error('the config was taken')
}

test('an empty config is the defaults of the contract', () => {
  expect(parse({})).toEqual({
    file,
    dir: '/srv/proxy',
    routes: '/srv/proxy/routes/main.ts',
    listen: [{ transport: 'udp', host: '0.0.0.0', port: 5060 }],
    aliases: [],
    database: { kind: 'sqlite', file: '/srv/proxy/signalbox.db' },
    admin: { host: '127.0.0.1', port: 8060 },
    timers: { t1: 500, c: 180_000 },
    drain: { timeout: 20_000 },
    handlers: { deadline: 30_000, cpu: 200 },
    log: { level: 'info', format: 'auto' },
    limits: defaultLimits,
    registrar: { defaultExpires: 3_600, minExpires: 60, maxExpires: 7_200, maxContacts: 10, useDomain: true },
    workers: 1,
    uac: {
      credentials: [],
      authVars: { username: 'auser', password: 'apass', realm: 'arealm' },
      restoreMode: 'auto',
      restorePassword: [''],
      restoreFormat: 'sealed',
      rrFromParam: 'vsf',
      rrToParam: 'vst',
      restoreVars: {},
      registration: { interval: 90, retryInterval: 30, rate: 50, unregisterOnStop: false },
    },
    notInForce: [],
  })
})

test('registrar: seconds, or times with a unit', () => {
  const { registrar } = parse({ registrar: { defaultExpires: '2h', minExpires: 30, useDomain: false } })
  expect(registrar).toMatchObject({ defaultExpires: 7_200, minExpires: 30, useDomain: false })
})

test.each([
  [{ minExpires: 600, maxExpires: 300 }, /registrar\.maxExpires.*no less than registrar\.minExpires/],
  [{ defaultExpires: 0 }, /registrar\.defaultExpires.*at least 1/],
  [{ maxExpires: '1500ms' }, /registrar\.maxExpires.*whole seconds/],
  [{ maxContacts: 0 }, /registrar\.maxContacts.*at least 1/],
  [{ useDomains: true }, /useDomains.*useDomain/],
])('registrar: %j is refused', (registrar, complaint) => {
  const [{ text, hint = '' } = { text: '' }] = problems({ registrar })
  expect(`${text} ${hint}`).toMatch(complaint)
})

test('everything that can be set', () => {
  const config = parse({
    routes: 'src/proxy.ts',
    listen: ['udp:127.0.0.1:5080', { at: 'udp:[::1]', advertise: 'sip.example.com:5070' }],
    aliases: ['SIP.Example.com'],
    database: 'mysql://kamailio:s3cret@db.example/kamailio',
    admin: { listen: '[::]:9000', token: 't' },
    timers: { t1: '100ms', c: '3m' },
    drain: { timeout: '5s' },
    log: { level: 'debug', format: 'json' },
    uac: {
      credentials: [{ realm: 'r', username: 'u', password: 'p' }],
      authVars: { username: 'u' },
      restoreMode: 'manual',
      restorePassword: ['new', 'old'],
      restoreFormat: 'kamailio',
      rrFromParam: 'f',
      rrToParam: 't',
      restoreVars: { from: 'savedFrom' },
    },
  })
  expect(config).toMatchObject({
    routes: '/srv/proxy/src/proxy.ts',
    listen: [
      { transport: 'udp', host: '127.0.0.1', port: 5080 },
      { transport: 'udp', host: '::1', port: 5060, advertise: { host: 'sip.example.com', port: 5070 } },
    ],
    aliases: ['sip.example.com'],
    database: { kind: 'mysql', host: 'db.example', port: 3306, user: 'kamailio', password: 's3cret', name: 'kamailio' },
    admin: { host: '::', port: 9000, token: 't' },
    timers: { t1: 100, c: 180_000 },
    drain: { timeout: 5000 },
    uac: {
      credentials: [{ realm: 'r' }],
      authVars: { username: 'u', password: 'apass', realm: 'arealm' },
      restoreMode: 'manual',
      restorePassword: ['new', 'old'],
      restoreFormat: 'kamailio',
      rrFromParam: 'f',
      rrToParam: 't',
      restoreVars: { from: 'savedFrom' },
    },
    notInForce: [],
  })
})

test.each(['A'.repeat(32), 'b'.repeat(64), { MD5: 'c'.repeat(32), 'SHA-512-256': 'd'.repeat(64) }])(
  'credentials may have a HA1 in place of the password: %j',
  (ha1) => {
    const account = { realm: 'r', username: 'u', ha1 }
    expect(parse({ uac: { credentials: [account] } }).uac.credentials).toEqual([account])
  },
)

test('keys that nothing acts upon yet are taken, and named when they were set', () => {
  const uac = { restoreMode: 'none', registration: { interval: '91s' } }
  const config = parse({
    handlers: { deadline: '30s', cpu: 200 },
    listen: [{ at: 'udp:127.0.0.1', cert: 'c.pem', key: 'k.pem' }],
    uac,
  })
  expect(config.notInForce).toEqual(['listen[0].cert'])
  expect(config.uac.registration).toMatchObject({ interval: 91, retryInterval: 30, rate: 50, unregisterOnStop: false })
})

test('one password is a list of one', () => {
  expect(parse({ uac: { restorePassword: 'x' } }).uac.restorePassword).toEqual(['x'])
})

test.each([
  { uac: { rrFromParam: 'lr' }, key: 'uac.rrFromParam' },
  { uac: { rrToParam: 'FTAG' }, key: 'uac.rrToParam' },
  { uac: { rrFromParam: 'a;b' }, key: 'uac.rrFromParam' },
  { uac: { rrFromParam: '' }, key: 'uac.rrFromParam' },
  { uac: { rrFromParam: 'vst' }, key: 'uac.rrToParam' },
  { uac: { restorePassword: [] }, key: 'uac.restorePassword' },
  { uac: { restoreMode: 'off' }, key: 'uac.restoreMode' },
  { uac: { restoreFormat: 'xor' }, key: 'uac.restoreFormat' },
])('how From and To are restored: $uac is refused', ({ uac, key }) => {
  const [{ text } = { text: '' }, ...more] = problems({ uac })
  expect([more, text]).toEqual([[], expect.stringContaining(key)])
})

test('localhost is an address to bind to', () => {
  expect(parse({ listen: ['udp:localhost:5080'] }).listen).toEqual([
    { transport: 'udp', host: '127.0.0.1', port: 5080 },
  ])
})

describe('the environment wins over the file', () => {
  test('sockets, separated by commas', () => {
    const config = parse({ listen: ['udp:10.0.0.1'] }, { SIGNALBOX_LISTEN: 'udp:127.0.0.1:5081, udp:127.0.0.1:5082' })
    expect(config.listen.map(({ port }) => port)).toEqual([5081, 5082])
  })

  test('the admin port and its token', () => {
    const env = { SIGNALBOX_ADMIN: '0.0.0.0:9001', SIGNALBOX_ADMIN_TOKEN: 'secret' }
    expect(parse({ admin: { listen: '127.0.0.1:1' } }, env).admin).toEqual({
      host: '0.0.0.0',
      port: 9001,
      token: 'secret',
    })
  })

  test('workers, as a number', () => {
    expect(parse({ workers: 4 }, { SIGNALBOX_WORKERS: '2' }).workers).toBe(2)
    expect(problems({}, { SIGNALBOX_WORKERS: 'all' })[0]!.text).toBe(
      'SIGNALBOX_WORKERS: expected a whole number, found "all"',
    )
  })

  test('the database', () => {
    expect(parse({}, { SIGNALBOX_DATABASE: 'sqlite:/tmp/x.db' }).database).toEqual({
      kind: 'sqlite',
      file: '/tmp/x.db',
    })
  })

  test('an empty variable is an unset one', () => {
    expect(parse({}, { SIGNALBOX_LISTEN: '' }).listen[0]!.port).toBe(5060)
  })

  test('a wrong variable is named, not the file', () => {
    expect(problems({}, { SIGNALBOX_LISTEN: '5060' })).toEqual([
      {
        text: 'SIGNALBOX_LISTEN: expected \'udp:HOST:PORT\', with an IPv6 address in [ ], found "5060"',
        hint: 'correct the environment variable SIGNALBOX_LISTEN, or unset it',
      },
    ])
  })
})

describe('a wrong config is refused with file, key, what was expected and what was found', () => {
  test.each([
    [
      { listen: 'udp:127.0.0.1' },
      'listen: expected a list of \'udp:HOST:PORT\', with an IPv6 address in [ ], found "udp:127.0.0.1"',
    ],
    [
      { listen: ['udp:::1:5060'] },
      'listen[0]: expected \'udp:HOST:PORT\', with an IPv6 address in [ ], found "udp:::1:5060"',
    ],
    [{ listen: [] }, 'listen: expected at least one socket, found an empty list'],
    [
      { listen: ['udp:127.0.0.1', 'udp:127.0.0.1'] },
      'listen[1]: expected each socket once ("udp:127.0.0.1" is there twice), found "udp:127.0.0.1"',
    ],
    [
      { listen: ['udp:127.0.0.1', { at: 'udp:127.0.0.1' }] },
      'listen[1]: expected each socket once ("udp:127.0.0.1" is there twice), found an object',
    ],
    [
      { listen: ['udp:sip.example.com:5080'] },
      'listen[0]: expected an IP address to bind to (names go into advertise or aliases), found "udp:sip.example.com:5080"',
    ],
    [
      { listen: [{ at: 'udp:999.1.1.1' }] },
      'listen[0].at: expected an IP address to bind to (names go into advertise or aliases), found "udp:999.1.1.1"',
    ],
    [
      { listen: ['tcp:sip.example.com'] },
      'listen[0]: expected \'udp:HOST:PORT\' (tcp, tls, ws and wss are not available yet: udp only), found "tcp:sip.example.com"',
    ],
    [
      { listen: ['tcp:127.0.0.1:5060'] },
      'listen[0]: expected \'udp:HOST:PORT\' (tcp, tls, ws and wss are not available yet: udp only), found "tcp:127.0.0.1:5060"',
    ],
    [{ listen: [{ at: 3 }] }, "listen[0].at: expected 'udp:HOST:PORT', with an IPv6 address in [ ], found 3"],
    [
      { aliases: ['sip:a.example'] },
      'aliases[0]: expected a host name or an address, without \'sip:\' and without a port, found "sip:a.example"',
    ],
    [{ admin: { listen: '8060' } }, 'admin.listen: expected \'HOST:PORT\', found "8060"'],
    [
      { timers: { t1: 'soon' } },
      "timers.t1: expected milliseconds, or a time such as '90s', '500ms', '3m', '1h', found \"soon\"",
    ],
    [
      { drain: { timeout: '577h' } },
      "drain.timeout: expected at most '576h': milliseconds, or a time such as '90s', '500ms', '3m', '1h', found \"577h\"",
    ],
    [
      { uac: { restorePassword: [] } },
      'uac.restorePassword: expected a string, or a list of strings that is not empty, found an empty list',
    ],
    [
      { timers: { t1: 0 } },
      "timers.t1: expected more than 0 milliseconds, or a time such as '90s', '500ms', '3m', '1h', found 0",
    ],
    [{ log: { level: 'loud' } }, "log.level: expected 'debug', 'info', 'warn' or 'error', found \"loud\""],
    [{ workers: 0 }, 'workers: expected at least 1, found 0'],
    [{ workers: 257 }, 'workers: expected at most 256, found 257'],
    [
      { uac: { credentials: [{ realm: 'r', password: 'p' }] } },
      'uac.credentials[0].username: expected a user name, found nothing',
    ],
    [
      { uac: { credentials: [{ realm: 'r', username: 'u' }] } },
      'uac.credentials[0].password: expected a password, or ha1 in its place, found nothing',
    ],
    [
      { uac: { credentials: [{ realm: 'r', username: 'u', ha1: 'abc' }] } },
      "uac.credentials[0].ha1: expected 32 or 64 hex digits, or { MD5, 'SHA-256', 'SHA-512-256' }, found a string (not shown)",
    ],
    [
      { uac: { credentials: [{ realm: 'r', username: 'u', ha1: {} }] } },
      "uac.credentials[0].ha1: expected 32 or 64 hex digits, or { MD5, 'SHA-256', 'SHA-512-256' }, found an object",
    ],
    [
      { uac: { credentials: [{ realm: 'r', username: 'u', ha1: { 'SHA-256': 'a'.repeat(32) } }] } },
      'uac.credentials[0].ha1.SHA-256: expected 64 hex digits, found a string (not shown)',
    ],
    [null, 'default export: expected an object: export default defineConfig({ … }), found null'],
    [undefined, 'default export: expected an object: export default defineConfig({ … }), found nothing'],
  ])('%j', (raw, text) => {
    expect(problems(raw)).toEqual([expect.objectContaining({ text, file })])
  })

  test('all of it at once', () => {
    expect(problems({ workers: 'x', routes: 1 }).map(({ text }) => text.split(':')[0])).toEqual(['routes', 'workers'])
  })

  test.each([
    [{ lisen: [] }, 'lisen: unknown key', 'did you mean "listen"?'],
    [{ uac: { credentails: [] } }, 'uac.credentails: unknown key', 'did you mean "credentials"?'],
    [
      { uac: { credentials: [{ realm: 'r', username: 'u', ha1: { MD5: 'c'.repeat(32), SHA256: 'x' } }] } },
      'uac.credentials[0].ha1.SHA256: unknown key',
      'did you mean "SHA-256"?',
    ],
    [{ log: { colour: true } }, 'log.colour: unknown key', 'known here: level, format'],
    [
      { listen: [{ at: 'udp:[::1]', advertize: 'h' }] },
      'listen[0].advertize: unknown key',
      'did you mean "advertise"?',
    ],
  ])('an unknown key: %j', (raw, text, hint) => {
    expect(problems(raw)).toEqual([{ text, hint, file }])
  })

  test('the admin port off loopback needs a token', () => {
    expect(problems({ admin: { listen: '0.0.0.0:8060' } })[0]!.text).toMatch(/^admin\.token: expected a token, because/)
  })

  test.each(['', 'secret\n', 'sec\r\nret', ' secret', 'sécret', 'sec☎ret'])(
    'nobody could send the token %j',
    (token) => {
      const text =
        'admin.token: expected a token of ASCII letters, digits and signs, without a blank or a line end around it'
      expect(problems({ admin: { token } }).map((each) => each.text)).toEqual([`${text}, found a string (not shown)`])
    },
  )

  test.each([
    [{ uac: { credentials: [{ realm: 'r', username: 'u', password: 31337 }] } }],
    [{ uac: { credentials: [{ realm: 'r', username: 'u', password: '31337', ha1: 'a'.repeat(32) }] } }],
    [{ uac: { credentials: [{ realm: 'r', username: 'u', ha1: '31337' }] } }],
    [{ uac: { credentials: [{ realm: 'r', username: 'u', ha1: { MD5: '31337' } }] } }],
    [{ uac: { restorePassword: 31337 } }],
    [{ admin: { token: 31337 } }],
    [{ database: 'postgres://u:31337@db' }],
  ])('a secret is not shown: %j', (raw) => {
    const [problem] = problems(raw)
    expect(problem!.text).toMatch(/found a (number|string) \(not shown\)$/)
    expect(JSON.stringify(problem)).not.toContain('31337')
  })
})
