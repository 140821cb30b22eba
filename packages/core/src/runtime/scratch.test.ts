/** A bundle is tried out where it can stop nothing: in a thread that is thrown away. Its thread is a real one, compiled; time is real as well. */
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { Problem, SignalboxError } from '../errors.ts'
import { tempBundle } from '../testing/temp-bundle.ts'
import { Scratch } from './scratch.ts'

/** The sources are TypeScript, which no thread of Node 20 runs. */
const file = new URL('../../dist/runtime/scratch-worker.js', import.meta.url)
const routes = `import { onFailure, onRequest } from '@signalbox/dsl'
onRequest(({ relay }) => relay({ to: 'sip:192.0.2.1', onFailure: 'TRUNKAUTH' }))
onFailure('TRUNKAUTH', () => {})
`

let scratch: Scratch | undefined
afterEach(() => scratch?.close())

async function evaluate(source: string): Promise<unknown> {
  const { bundle, root } = await tempBundle(source)
  await scratch?.close()
  scratch = new Scratch({ root, file, deadline: 300 })
  return scratch.evaluate(bundle, 7)
}

async function refusal(source: string): Promise<{ code: string; problem: Problem }> {
  const error = await evaluate(source).then(
    () => Promise.reject(new Error('it was taken')),
    (reason: SignalboxError) => reason,
  )
  return { code: error.code, problem: error.problems[0]! }
}

it('a good bundle: the names that it arms', async () => {
  expect(await evaluate(routes)).toMatchObject([{ kind: 'failure', name: 'TRUNKAUTH' }])
})

it('a top level that loops: where it does', async () => {
  const source = `${routes}\nfunction count() {\n  for (let i = 0; ; i++) Math.random()\n}\n\ncount()\n`
  expect(await refusal(source)).toMatchObject({
    code: 'BAD_BUNDLE',
    problem: { text: 'the top level did not end within 300 ms', file: 'routes/main.ts', line: 6 },
  })
})

it('a top level that loops while it prints: nothing of that is heard', async () => {
  const { problem } = await refusal(`${routes}\nfor (;;) console.log('again')\n`)
  expect(problem).toMatchObject({ file: 'routes/main.ts', line: 5 })
})

it('a top level that ends the process ends a thread', async () => {
  const { problem } = await refusal(`${routes}\nprocess.exit(1)\n`)
  expect(problem.text).toBe('the top level ended its thread, as process.exit does')
})

it('a top level that waits for a program, where no thread can be ended: nobody waits for that', async () => {
  const marker = path.join(mkdtempSync(path.join(tmpdir(), 'signalbox-')), 'done')
  const source = `import { execSync } from 'node:child_process'\n${routes}\nexecSync('sleep 5; touch ${marker}')\n`
  const { problem } = await refusal(source)
  expect([problem.text, existsSync(marker)]).toEqual(['the top level did not end within 300 ms', false])
})

it('a throw, an unknown name: as loading it would say', async () => {
  expect(await refusal(`${routes}\nthrow new Error('no')\n`)).toMatchObject({
    code: 'BAD_BUNDLE',
    problem: { text: 'Error: no', file: 'routes/main.ts', line: 5, column: 7 },
  })
  expect(await refusal(routes.replace(`onFailure('TRUNKAUTH'`, `onFailure('TRUNK'`))).toMatchObject({
    code: 'NO_ROUTE',
    problem: { text: `no onFailure is named 'TRUNKAUTH': there is 'TRUNK'`, line: 2 },
  })
})

it('after each of them the next is tried', async () => {
  const { bundle } = await tempBundle(routes)
  await refusal(`${routes}\nfor (;;) {}\n`)
  expect(await scratch!.evaluate(bundle, 8)).toHaveLength(1)
  expect(await scratch!.evaluate(bundle, 9)).toHaveLength(1)
})
