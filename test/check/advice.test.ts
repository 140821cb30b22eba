/** Typical mistakes that TypeScript finds: one finding each, which says how to mend it. */
import { expect, test } from 'vitest'
import { checked, COMPILER } from './checked.ts'

const advice = (text: string) => checked(text).map(({ id, hint }) => [id, hint])
const importing = (...names: string[]) => `import { ${names.join(', ')} } from '@signalbox/dsl'\n`

test('a misspelled route is told once', { timeout: COMPILER }, () => {
  const route = `onFailure('TRUNKAUTH', ({ uac, relay }) => {\n  if (uac.auth()) relay()\n})\n`
  const [finding, ...others] = checked(
    `${importing('onFailure', 'onRequest')}onRequest(({ relay }) => relay({ onFailure: 'TRUNKAUHT' }))\n${route}`,
  )
  expect(others).toEqual([])
  expect(finding).toMatchObject({
    text: `no onFailure is named 'TRUNKAUHT'`,
    hint: `did you mean 'TRUNKAUTH'?`,
    column: 45,
    length: 11,
  })
})

test('an await that was forgotten', () => {
  const handler = '({ registrar, relay, reply }) => {\n  if (registrar.lookup()) relay()\n  else reply(404)\n}'
  expect(advice(`${importing('onRequest')}onRequest(${handler})\n`)).toEqual([
    ['TS2801', 'this is a promise: write await in front of what made it'],
  ])
})

test('something that another kind of route has', () => {
  expect(advice(`${importing('onRequest')}onRequest(({ uac, relay }) => relay({ auth: uac.auth() }))\n`)).toEqual([
    ['TS2339', 'only what onBranchFailure, onFailure registers has it'],
  ])
  expect(advice(`${importing('onRequest')}onRequest(({ res, reply }) => reply(res.status))\n`)).toEqual([
    ['TS2339', 'only what onBranchFailure, onFailure, onReply registers has it'],
  ])
})

test('a misspelled action is no handler without one', () => {
  expect(advice(`${importing('onRequest')}onRequest(({ rely }) => rely())\n`)).toEqual([
    ['TS2339', `did you mean 'relay'?`],
  ])
})

test('something that the dsl, taken as a whole, has not', () => {
  const text = `import * as dsl from '@signalbox/dsl'\ndsl.onRequest(({ relay }) => relay())\ndsl.onCall(() => {})\n`
  expect(advice(text)).toEqual([['TS2339', `did you mean 'onLocal'?`]])
})

test('an import that is missing, without what follows from it', () => {
  const text = `${importing('onRequest')}onRequest(({ relay }) => relay({ onFailure: 'A' }))\nonFailure('A', ({ reply }) => reply(480))\n`
  expect(advice(text)).toEqual([['TS2304', `import { onFailure } from '@signalbox/dsl'`]])
})

test.each([
  [importing('onEvent, onRequest'), '', 'onEvent'],
  [`import * as s from '@signalbox/dsl'\n`, 's.', 's.onEvent'],
  [importing('onEvent as on, onRequest'), '', 'on'],
])('an event that there is not: %s', (imports, before, onEvent) => {
  expect(
    advice(`${imports}${before}onRequest(({ relay }) => relay())\n${onEvent}('uac:registrations', () => {})\n`),
  ).toEqual([['TS2345', `there is 'uac:registration', 'uac:reply'`]])
})
