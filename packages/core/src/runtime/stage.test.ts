/** A load in two steps, as workers do it: staged in all of them, then live in all or in none. */
import { expect, it } from 'vitest'
import { tempBundle } from '../testing/temp-bundle.ts'
import { runtimeOptions, sampleSettings } from '../testing/runtime-rig.ts'
import { Runtime } from './runtime.ts'

declare global {
  var stageTest: string[] | undefined
}

async function bundleOf(name: string) {
  const { bundle } = await tempBundle(`import { onDispose, onLoad, onRequest } from '@signalbox/dsl'
onRequest(() => {})
onLoad(({ data, previous }) => {
  data.name = '${name}'
  globalThis.stageTest?.push(\`\${previous?.name} -> ${name}\`)
})
onDispose(({ next }) => void globalThis.stageTest?.push(\`${name} -> \${next?.name}\`))
`)
  return bundle
}

async function rig() {
  const said: string[] = (globalThis.stageTest = [])
  const runtime = new Runtime(await bundleOf('a'), runtimeOptions())
  await runtime.start()
  return { runtime, said, next: { bundle: await bundleOf('b'), settings: sampleSettings, armed: [] } }
}

it('what is staged has run its onLoad, and nothing is live before it is committed', async () => {
  const { runtime, said, next } = await rig()
  const staged = await runtime.stage(next)
  expect(said).toEqual(['undefined -> a', 'a -> b'])
  expect(runtime.list()).toMatchObject([{ number: 1, state: 'live' }])
  runtime.commit(staged, 'superseded')
  expect(runtime.live).toBe(staged)
  expect(runtime.list()).toMatchObject([
    { number: 2, state: 'live' },
    { number: 1, ended: 'superseded' },
  ])
})

it('what is discarded runs its onDispose, which finds no next; it never was a generation, and its number is free', async () => {
  const { runtime, said, next } = await rig()
  const staged = await runtime.stage(next)
  await runtime.discard(staged)
  expect(staged.state).toBe('disposed')
  expect(said.slice(2)).toEqual(['b -> undefined'])
  expect(runtime.list()).toMatchObject([{ number: 1, state: 'live' }])
  expect(await runtime.load(next.bundle)).toMatchObject({ number: 2 })
})

it('a number that others have come to already is kept', async () => {
  const { runtime, next } = await rig()
  runtime.commit(await runtime.stage(next, 7), 'superseded')
  expect(await runtime.load(next.bundle)).toMatchObject({ number: 8 })
  expect(new Runtime(next.bundle, runtimeOptions(), { number: 5 }).live.number).toBe(5)
})
