/** `import()` in a handler, of whatever there is to import. */
import { simulate } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { tempBundle } from '../../packages/core/src/testing/temp-bundle.ts'
import { PHONE } from './wire.ts'

const onlyEsm = JSON.stringify({ name: 'rates', type: 'module', exports: { import: './index.js' } })
const commonJs = JSON.stringify({ name: 'zones', main: 'index.cjs' })

const files = {
  'node_modules/rates/package.json': onlyEsm,
  'node_modules/rates/index.js': 'export default { eu: 407 }\nexport const world = 408\n',
  'node_modules/zones/package.json': commonJs,
  'node_modules/zones/index.cjs': 'exports.first = 481\n',
  'routes/own.ts': 'export const status: number = 482\n',
  'routes/main.ts': `import { onRequest } from '@signalbox/dsl'
onRequest(async ({ req, reply }) => reply(await statusOf(req.ruri.user)))
async function statusOf(user: string): Promise<number> {
  if (user === 'builtin') return (await import('node:path')).posix.isAbsolute('/a') ? 480 : 500
  if (user === 'default') return (await import('node:path')).default.isAbsolute('/a') ? 484 : 500
  if (user === 'computed') return (await import('node:' + 'path')).isAbsolute('/a') ? 485 : 500
  if (user === 'esm') return (await import('rates')).default.eu
  if (user === 'named') return (await import('rates')).world
  if (user === 'cjs') return (await import('zones')).first
  if (user === 'own') return (await import('./own.ts')).status
  return import('node:nothing' as string).then(() => 500, (error) => (error.code === 'ERR_UNKNOWN_BUILTIN_MODULE' ? 404 : 500))
}
`,
}

test.each([
  ['builtin', 480],
  ['default', 484],
  ['computed', 485],
  ['esm', 407],
  ['named', 408],
  ['cjs', 481],
  ['own', 482],
  ['nothing', 404],
])('%s', async (user, status) => {
  const { bundle } = await tempBundle(files)
  const net = await simulate({ bundle })
  expect(await net.uac(PHONE).send('OPTIONS', `sip:${user}@127.0.0.1:5080`)).toBeAnsweredWith(status)
})
