/** Going back to what was live before: a new generation each time, and the second undoes the first. */
import { expect, it } from 'vitest'
import { tempBundle } from '../testing/temp-bundle.ts'
import { runtimeOptions, sampleSettings } from '../testing/runtime-rig.ts'
import { Runtime } from './runtime.ts'

async function bundleOf(text: string) {
  const { bundle } = await tempBundle(
    `import { onFailure, onLoad, onRequest } from '@signalbox/dsl'\nonRequest(() => {})\n${text}\n`,
  )
  return bundle
}

function listed(runtime: Runtime): unknown[] {
  return runtime.list().map(({ number, hash, state, ended }) => [number, hash, state, ended])
}

it('brings back the bundle before, with its settings, as a new number; once more undoes it', async () => {
  const [a, b] = [await bundleOf(`onFailure('a', () => {})`), await bundleOf(`onFailure('b', () => {})`)]
  const runtime = new Runtime(a, runtimeOptions())
  const changed = { ...sampleSettings, handlers: { deadline: 1, cpu: 1 } }
  await runtime.load(b, changed)
  expect((await runtime.rollback()).settings).toBe(sampleSettings)
  expect((await runtime.rollback()).settings).toBe(changed)
  expect(listed(runtime)).toEqual([
    [4, b.hash, 'live', undefined],
    [3, a.hash, 'disposed', 'rolled back'],
    [2, b.hash, 'disposed', 'rolled back'],
    [1, a.hash, 'disposed', 'superseded'],
  ])
})

it('goes past reloads of the same text', async () => {
  const [a, b] = [await bundleOf(`onFailure('a', () => {})`), await bundleOf(`onFailure('b', () => {})`)]
  const runtime = new Runtime(a, runtimeOptions())
  for (const bundle of [b, b, b]) await runtime.load(bundle)
  expect(await runtime.rollback()).toMatchObject({ number: 5, hash: a.hash })
})

it('with nothing to go back to says so', async () => {
  const a = await bundleOf('')
  const runtime = new Runtime(a, runtimeOptions())
  await runtime.load(a)
  await expect(runtime.rollback()).rejects.toMatchObject({
    code: 'ROLLBACK',
    message: `there is nothing to go back to: no other bundle was live before generation 2 (${a.hash})`,
  })
  expect(listed(runtime)[0]).toEqual([2, a.hash, 'live', undefined])
})

it('is refused by an onLoad that throws, and can be tried again', async () => {
  const key = 'signalbox-test-refuse'
  const a = await bundleOf(`onLoad(() => { if (process.env['${key}']) throw new Error('not again') })`)
  const runtime = new Runtime(a, runtimeOptions())
  await runtime.load(await bundleOf(`onFailure('b', () => {})`))
  process.env[key] = '1'
  await expect(runtime.rollback()).rejects.toThrow('onLoad threw Error: not again')
  delete process.env[key]
  expect(await runtime.rollback()).toMatchObject({ number: 3, hash: a.hash })
})

it('comes to nothing once the proxy has stopped', async () => {
  const runtime = new Runtime(await bundleOf(''), runtimeOptions())
  await runtime.close()
  await expect(runtime.load(await bundleOf(`onFailure('b', () => {})`))).rejects.toMatchObject({ code: 'STOPPED' })
  expect(runtime.list()).toMatchObject([{ number: 1, state: 'disposed', ended: 'stopped' }])
})
