import { beforeEach, expect, test, vi } from 'vitest'
import type { Finding } from '../check/findings.ts'
import { parseConfig } from '@signalbox/core/build'
import type { Routes } from '../routes-source.ts'
import { createLoop, type DevLoop } from './loop.ts'

/** Work that the test finishes when it wants to. */
interface Work<Value> {
  input: unknown
  finish: (value: Value) => Promise<void>
  fail: (error: Error) => Promise<void>
  cancel: () => void
}

let builds: Work<Routes>[]
let swaps: Work<{ number: number; hash: string }>[]
let checks: Work<readonly Finding[]>[]
let seen: string[]
let loop: DevLoop

function begin<Value>(list: Work<Value>[], input?: unknown): { promise: Promise<Value>; work: Work<Value> } {
  let resolve!: (value: Value) => void
  let reject!: (error: Error) => void
  const promise = new Promise<Value>((...settle) => ([resolve, reject] = settle))
  const reported = () => new Promise<void>((done) => setImmediate(done))
  const finish = (value: Value) => (resolve(value), reported())
  const fail = (error: Error) => (reject(error), reported())
  const work = { input, finish, fail, cancel: vi.fn<() => void>() }
  list.push(work)
  return { promise, work }
}

const config = parseConfig({}, '/signalbox.config.ts', {})
const bundle = (hash: string): Routes => ({ config, bundle: { hash, code: '', map: '', inputs: [`/${hash}.ts`] } })

beforeEach(() => {
  builds = []
  swaps = []
  checks = []
  seen = []
  loop = createLoop({
    build: () => begin(builds).promise,
    swap: (input) => begin(swaps, input).promise,
    check: () => {
      const { promise, work } = begin(checks)
      return { findings: promise, cancel: work.cancel }
    },
    follow: (inputs) => seen.push(`follow ${String(inputs)}`),
    show: {
      live: ({ number }) => seen.push(`live ${number}`),
      failed: (error) => seen.push(`failed ${String(error)}`),
      checked: (findings) => seen.push(`checked ${findings.length}`),
      unchecked: (error) => seen.push(`unchecked ${String(error)}`),
    },
  })
})

test('a save is built, swapped in, shown, and then its types are checked', async () => {
  loop.saved()
  await builds[0]!.finish(bundle('a'))
  expect(swaps[0]!.input).toMatchObject({ bundle: { hash: 'a' } })
  expect(checks).toHaveLength(0)
  await swaps[0]!.finish({ number: 2, hash: 'a' })
  await checks[0]!.finish([])
  expect(seen).toEqual(['follow /a.ts', 'live 2', 'checked 0'])
})

test('saves during a build make one more build, and the stale bundle is dropped', async () => {
  loop.saved()
  loop.saved()
  loop.saved()
  expect(builds).toHaveLength(1)
  await builds[0]!.finish(bundle('stale'))
  expect(swaps).toHaveLength(0)
  expect(builds).toHaveLength(2)
  await builds[1]!.finish(bundle('new'))
  expect(swaps[0]!.input).toMatchObject({ bundle: { hash: 'new' } })
})

test('a save during a swap is built after it', async () => {
  loop.saved()
  await builds[0]!.finish(bundle('a'))
  loop.saved()
  expect(builds).toHaveLength(1)
  await swaps[0]!.finish({ number: 2, hash: 'a' })
  expect(checks).toHaveLength(0)
  await builds[1]!.finish(bundle('b'))
  await swaps[1]!.finish({ number: 3, hash: 'b' })
  expect(seen).toEqual(['follow /a.ts', 'follow /b.ts', 'live 3'])
})

test('a failed build is shown, everything may mend it, and the next save is built', async () => {
  loop.saved()
  await builds[0]!.fail(new Error('syntax'))
  expect(seen).toEqual(['follow everything', 'failed Error: syntax'])
  loop.saved()
  expect(builds).toHaveLength(2)
})

test('a failure of a build that is stale already is not shown', async () => {
  loop.saved()
  loop.saved()
  await builds[0]!.fail(new Error('half written'))
  expect(seen).toEqual([])
  expect(builds).toHaveLength(2)
})

test('a refused swap is shown', async () => {
  loop.saved()
  await builds[0]!.finish(bundle('a'))
  await swaps[0]!.fail(new Error('no route'))
  expect(seen.at(-1)).toBe('failed Error: no route')
  expect(checks).toHaveLength(0)
})

test('a save cancels the check, and what it found all the same is not shown', async () => {
  loop.saved()
  await builds[0]!.finish(bundle('a'))
  await swaps[0]!.finish({ number: 2, hash: 'a' })
  loop.saved()
  expect(checks[0]!.cancel).toHaveBeenCalledTimes(1)
  await checks[0]!.finish([{ text: 'late', code: 'TS1', id: 'TS1', severity: 'error' }])
  expect(seen).not.toContain('checked 1')
  expect(builds).toHaveLength(2)
})

test('a check that fails is told as that: what was swapped in is live, and its inputs are followed', async () => {
  loop.saved()
  await builds[0]!.finish(bundle('a'))
  await swaps[0]!.finish({ number: 2, hash: 'a' })
  await checks[0]!.fail(new Error('no memory'))
  expect(seen).toEqual(['follow /a.ts', 'live 2', 'unchecked Error: no memory'])
})

test('a check that fails after the next save begins no build beside the one that runs', async () => {
  loop.saved()
  await builds[0]!.finish(bundle('a'))
  await swaps[0]!.finish({ number: 2, hash: 'a' })
  loop.saved()
  await checks[0]!.fail(new Error('no memory'))
  expect(builds).toHaveLength(2)
})
