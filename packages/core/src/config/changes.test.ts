import { expect, test } from 'vitest'
import { restartKeys, settingsOf } from './changes.ts'
import { parseConfig } from './config.ts'
import type { Config } from '@signalbox/dsl'

const parse = (raw: Config) => parseConfig(raw, '/srv/proxy/signalbox.config.ts', {})

function changed(next: Config, before: Config = {}): string[] {
  return restartKeys(parse(before), parse(next))
}

test('nothing changed: nothing to name', () => {
  const config = { listen: ['udp:127.0.0.1:5070'], aliases: ['a.example'], uac: { restorePassword: ['a', 'b'] } }
  expect(changed(config, config)).toEqual([])
})

test('what goes live with the reload is not named', () => {
  const uac = {
    credentials: [{ realm: 'r', username: 'u', password: 'p' }],
    authVars: { username: 'x' },
    restoreVars: { from: 'y' },
  }
  const at = { routes: './other.ts', drain: { timeout: 1 }, handlers: { deadline: 1 } }
  expect(changed({ ...at, log: { level: 'debug' }, uac })).toEqual([])
})

test.each<[string, Config, string[]]>([
  ['a socket', { listen: ['udp:127.0.0.1:5070'] }, ['listen']],
  ['what a socket advertises', { listen: [{ at: 'udp:0.0.0.0:5060', advertise: 'gw.example' }] }, ['listen']],
  ['the database', { database: 'mysql://u:secret@db/kamailio' }, ['database']],
  ['the admin port and its token', { admin: { listen: '127.0.0.1:1', token: 'secret' } }, ['admin']],
  ['an alias', { aliases: ['gw.example'] }, ['aliases']],
  ['a timer', { timers: { t1: 100 } }, ['timers.t1']],
  ['how long a loop may run', { handlers: { cpu: 1 } }, ['handlers.cpu']],
  ['two limits', { limits: { dialogs: 1, branches: 2 } }, ['limits.branches', 'limits.dialogs']],
  ['the registrar', { registrar: { maxContacts: 1 } }, ['registrar.maxContacts']],
  ['the format of the log', { log: { level: 'warn', format: 'json' } }, ['log.format']],
  ['how From and To are sealed', { uac: { restoreMode: 'none' } }, ['uac.restoreMode']],
  ['the key of that', { uac: { restorePassword: 'secret' } }, ['uac.restorePassword']],
  ['one key of a section in a section', { uac: { registration: { interval: 1 } } }, ['uac.registration.interval']],
  ['one that appears', { uac: { registration: { contact: 'gw.example' } } }, ['uac.registration.contact']],
])('%s waits for the next start, and is named without its value', (_, next, keys) => {
  expect(changed(next).sort()).toEqual(keys)
  expect(changed({}, next).sort()).toEqual(keys)
})

test('the settings of a generation are the keys that go live with it, and no others', () => {
  const credentials = [{ realm: 'r', username: 'u', password: 'p' }]
  const config = parse({ handlers: { cpu: 100 }, uac: { credentials, restoreVars: { to: 'original' } } })
  expect(settingsOf(config)).toEqual({
    uac: {
      credentials,
      authVars: { username: 'auser', password: 'apass', realm: 'arealm' },
      restoreVars: { to: 'original' },
    },
    handlers: { deadline: 30_000, cpu: 100 },
  })
})
