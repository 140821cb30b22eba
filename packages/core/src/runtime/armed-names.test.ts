/** Which names a bundle arms, as far as its code says. */
import { expect, it } from 'vitest'
import { tempBundle } from '../testing/temp-bundle.ts'
import { armedNames } from './armed-names.ts'

function names(code: string): string[] {
  return armedNames(code).map(({ kind, name }) => `${kind} ${name}`)
}

it('one of each kind, with its place', () => {
  const code = `relay({ onFailure: 'A', onBranchFailure: 'B' })\nreturn fork([],\n  { onReply: 'C', onBranch: 'D' })`
  expect(armedNames(code)).toEqual([
    { kind: 'failure', name: 'A', line: 1, column: 20 },
    { kind: 'branchFailure', name: 'B', line: 1, column: 42 },
    { kind: 'reply', name: 'C', line: 3, column: 14 },
    { kind: 'branch', name: 'D', line: 3, column: 29 },
  ])
})

it.each([
  ['a member', `call.relay({ onFailure: 'A' })`],
  ['an optional member', `call?.relay?.({ onFailure: 'A' })`],
  ['a member in brackets', `call['relay']({ onFailure: 'A' })`],
  ['a name that esbuild changed', `relay2({ onFailure: 'A' })`],
  ['a template', 'relay({ onFailure: `A` })'],
  ['a key in quotes', `relay({ 'onFailure': 'A' })`],
  ['a computed key', `relay({ ['onFailure']: 'A' })`],
  ['a function in a function', `x(() => { if (y) return async () => { await z(relay({ ...w, onFailure: 'A' })) } })`],
])('of %s', (_, code) => {
  expect(names(code)).toEqual(['failure A'])
})

it.each([
  ['what is computed', `relay({ onFailure: name, onReply: 'A' + 'B', onBranch: \`\${name}\` })`],
  ['handles', `relay({ onFailure })`],
  ['other options', `relay({ to: 'sip:a', onfailure: 'A', [onFailure]: 'B' })`],
  ['other functions', `replay({ onFailure: 'A' }); relayed({ onFailure: 'A' }); call[relay]({ onFailure: 'A' })`],
  [
    'what is no argument',
    `const relay = { onFailure: 'A' }; relay(x, [{ onFailure: 'A' }], { timeouts: { onFailure: 'A' } })`,
  ],
  ['text', `'relay({ onFailure: "A" })' // relay({ onFailure: 'A' })`],
  ['numbers', `relay({ onFailure: 5 })`],
])('not of %s', (_, code) => {
  expect(names(code)).toEqual([])
})

it('none of code that is none, and of code that is nested too deeply for the parser', () => {
  expect(names(`const = 1; relay({ onFailure: 'A' })`)).toEqual([])
  expect(names(`relay({ onFailure: 'A' });${'('.repeat(100_000)}0${')'.repeat(100_000)}`)).toEqual([])
})

it('those of a bundle, whatever esbuild calls the function', async () => {
  const { bundle } = await tempBundle({
    'routes/main.ts': `import { onRequest } from '@signalbox/dsl'
import { relay } from './relay.ts'
onRequest(({ relay }) => relay({ onFailure: 'A' }))
onRequest(function ({ relay: send, ...call }) { relay(); call.fork([], { onReply: 'B' as string }) })
`,
    'routes/relay.ts': `export function relay() {}\n`,
  })
  expect(names(bundle.code)).toEqual(['failure A', 'reply B'])
})
