/**
 * Hundreds of reloads leave nothing behind. In a process of its own, where garbage can be collected on request: what was loaded before must be
 * gone, however much memory there is.
 */
import { expect, it } from 'vitest'
import { runWithGc } from '../testing/run-with-gc.ts'
import { tempBundle } from '../testing/temp-bundle.ts'

const LOADS = 300

const program = `
import { Runtime } from './runtime.ts'
import { runtimeOptions } from '../testing/runtime-rig.ts'

const { bundle, root } = BUNDLE
let finalized = 0
const registry = new FinalizationRegistry(() => finalized++)
const runtime = new Runtime(bundle, runtimeOptions({ root }))
await runtime.start()
const watched = []

async function load(i) {
  // Another text each time, as sources that were edited are.
  await runtime.load({ ...bundle, hash: String(i), code: bundle.code + '\\n// ' + i })
  const { live } = runtime
  registry.register(live, i)
  // Of the generation, of the user's handler, and through it of everything the bundle made.
  watched.push(new WeakRef(live), new WeakRef(live.request.handler))
}

for (let i = 0; i < LOADS; i++) await load(i)
for (let i = 0; i < 5; i++) {
  await new Promise((resolve) => setImmediate(resolve))
  globalThis.gc()
}
await new Promise((resolve) => setImmediate(resolve))
const alive = watched.filter((ref) => ref.deref() !== undefined).length
console.log(JSON.stringify({ alive, finalized, live: runtime.live.number }))
await runtime.close()
`

it('a generation that is done is collected, with all that its bundle made', { timeout: 60_000 }, async () => {
  const temp = await tempBundle(`import { onDispose, onFailure, onLoad, onRequest } from '@signalbox/dsl'
const trunks = new Map(Array.from({ length: 1_000 }, (_, i) => [String(i), { host: 'gw' + i }]))
onRequest(({ relay, log }) => { log.info(String(trunks.size)); relay({ onFailure: 'X' }) })
onFailure('X', ({ uac, relay }) => { if (uac.auth()) relay() })
onLoad(({ data, previous }) => {
  data.reloads = previous?.reloads ?? []
  data.timer = setInterval(() => trunks.clear(), 60_000)
})
onDispose(({ data, next }) => {
  clearInterval(data.timer as NodeJS.Timeout)
  if (next) next.before = data.reloads
})
`)
  const { alive, finalized, live } = await runWithGc<{ alive: number; finalized: number; live: number }>(
    program,
    import.meta.dirname,
    { BUNDLE: temp, LOADS },
  )
  expect(live).toBe(LOADS + 1)
  // The live one and its handler; V8 may keep a last one on a stack or in a cache.
  expect(alive).toBeLessThanOrEqual(4)
  expect(finalized).toBeGreaterThanOrEqual(LOADS - 2)
})

const trying = `
import { Scratch } from './scratch.ts'

const { bundle, root } = BUNDLE
const scratch = new Scratch({ root, file: new URL(FILE) })

async function tryOut(times) {
  for (let i = 0; i < times; i++) await scratch.evaluate({ ...bundle, code: bundle.code + '\\n// ' + i }, i)
  globalThis.gc()
  const { rss, heapUsed } = process.memoryUsage()
  return { rss: rss / 1e6, heap: heapUsed / 1e6 }
}

const before = await tryOut(20)
const after = await tryOut(60)
await scratch.close()
console.log(JSON.stringify({ rss: after.rss - before.rss, heap: after.heap - before.heap }))
`

it('a thread in which a bundle was tried out leaves nothing either', { timeout: 120_000 }, async () => {
  const temp = await tempBundle(`import { onRequest } from '@signalbox/dsl'
const prefixes = Array.from({ length: 10_000 }, (_, i) => 'prefix ' + i)
onRequest(({ relay, log }) => { log.info(prefixes[0]!); relay() })
`)
  const file = new URL('../../dist/runtime/scratch-worker.js', import.meta.url).href
  const constants = { BUNDLE: temp, FILE: file }
  const grown = await runWithGc<{ rss: number; heap: number }>(trying, import.meta.dirname, constants)
  // In megabytes, after 60 more: a thread that stayed would be several alone.
  expect(grown.heap).toBeLessThan(2)
  expect(grown.rss).toBeLessThan(40)
})
