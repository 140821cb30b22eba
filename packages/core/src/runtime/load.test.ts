/** A bundle is evaluated into a table; what goes wrong there says where in the user's sources. */
import { expect, it } from 'vitest'
import type { Bundle } from '../build/bundle.ts'
import { SignalboxError } from '../errors.ts'
import { tempBundle } from '../testing/temp-bundle.ts'
import { loadBundle, type Loaded } from './load.ts'

async function load(files: string | Record<string, string>): Promise<Loaded> {
  const { bundle, root } = await tempBundle(files)
  return loadBundle(bundle, 'routes.cjs', root)
}

async function refusal(files: string | Record<string, string>): Promise<SignalboxError> {
  const error: unknown = await load(files).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(SignalboxError)
  expect((error as SignalboxError).code).toBe('BAD_BUNDLE')
  return error as SignalboxError
}

/** Code that was not made by our build. */
function foreign(code: string): Bundle {
  return { hash: 'x', code, map: '{"version":3,"sources":[],"names":[],"mappings":""}', inputs: [] }
}

const routes = `import { onFailure, onRequest } from '@signalbox/dsl'
onRequest(({ relay }) => relay())
onFailure('BUSY', () => {})
`

it('leaves the entries in the order of their registration', async () => {
  const { entries } = await load(routes)
  expect(entries.map(({ kind, name }) => [kind, name])).toEqual([
    ['request', ''],
    ['failure', 'BUSY'],
  ])
})

it('has a table of its own each time', async () => {
  const { bundle, root } = await tempBundle(routes)
  const [first, second] = [loadBundle(bundle, 'a.cjs', root), loadBundle(bundle, 'b.cjs', root)]
  expect([first.entries.length, second.entries.length]).toEqual([2, 2])
  expect(first.entries[0]!.handler).not.toBe(second.entries[0]!.handler)
})

it('lets routes require what Node brings', async () => {
  const { entries } = await load(
    `import { hostname } from 'node:os'\n${routes}if (hostname() === '') throw new Error()\n`,
  )
  expect(entries).toHaveLength(2)
})

it('a top level that throws is a problem at its line, in the file it is in', async () => {
  const { message, problems } = await refusal({
    'routes/main.ts': `import './trunks.ts'\n${routes}`,
    'routes/trunks.ts': `// nothing\n\nconst trunks: string[] = []\nthrow new TypeError('no trunk is configured: ' + trunks.length)\n`,
  })
  expect(message).toBe('the routes threw while they were loaded')
  expect(problems).toEqual([
    {
      text: 'TypeError: no trunk is configured: 0',
      file: 'routes/trunks.ts',
      line: 4,
      column: expect.any(Number) as number,
    },
  ])
})

it('a top level is strict, as ES modules are', async () => {
  const { problems } = await refusal(
    `${routes}\nconst limits: { calls: number } = Object.freeze({ calls: 1 })\n  limits.calls = 2\n`,
  )
  expect(problems).toEqual([
    {
      text: `TypeError: Cannot assign to read only property 'calls' of object '#<Object>'`,
      file: 'routes/main.ts',
      line: 6,
      column: 10,
    },
  ])
})

it('what a library of the user throws is blamed on the line that called it', async () => {
  const { problems } = await refusal(`${routes}\nJSON.parse('{')\n`)
  expect(problems).toMatchObject([
    { text: expect.stringMatching(/^SyntaxError: /) as string, file: 'routes/main.ts', line: 5 },
  ])
})

it('what is thrown need not be an error', async () => {
  const { problems } = await refusal(`throw 'a string'\n`)
  expect(problems).toEqual([{ text: 'threw a string' }])
})

it.each([
  ['without a table', 'module.exports = {}'],
  ['with a table of another version', 'exports.table = { version: 2, entries: [] }'],
  ['with a table that has no entries', 'exports.table = { version: 1 }'],
  ['with something else for a table', 'exports.table = null'],
])('a bundle %s is refused', (_, code) => {
  expect(() => loadBundle(foreign(code), 'x.cjs', '/')).toThrow('no table of routes of version 1')
})

it.each([
  ['that is not JavaScript', 'const = 1'],
  ['that wants a package', 'require("not-a-package-of-node")'],
])('a bundle %s is refused with the reason', (_, code) => {
  expect(() => loadBundle(foreign(code), 'x.cjs', '/')).toThrow(
    expect.objectContaining({ code: 'BAD_BUNDLE', problems: [{ text: expect.stringMatching(/Error: /) as string }] }),
  )
})
