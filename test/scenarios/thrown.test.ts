/** Whatever a route throws, its call gets its fallback at once, and its generation its end. Nothing of RFC 3261 is asked here. */
import { simulate } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { bundleOf, generations } from './generations.ts'
import { logged, PHONE } from './wire.ts'

const good = () => bundleOf(`onRequest(({ reply }) => reply(403, 'second'))\n`)

const thrown: Record<string, string> = {
  nothing: 'throw undefined',
  symbol: `throw Symbol('no')`,
  bare: 'throw Object.create(null)',
  words: `throw { toString() { throw new Error('no words') } }`,
  number: `throw Object.assign(new Error('no'), { stack: 5 })`,
  getter: `throw Object.defineProperty(new Error('no'), 'stack', { get() { throw new Error('no stack') } })`,
  rejected: 'return Promise.reject(Object.create(null))',
  thenable: `return { then() { throw new Error('no then') } }`,
  property: `return { get then() { throw new Error('no then') } }`,
}

const route = (code: string) => `onRequest((): any => { ${code} })\n`

test.each(Object.entries(thrown))('onRequest, %s: 500 at once', async (_, code) => {
  const net = await simulate({ bundle: await bundleOf(route(code)) })
  const call = await net.uac(PHONE).invite('sip:bob@127.0.0.1:5080')
  expect(call).toBeAnsweredWith(500)
  expect(logged(net, 'error')).toEqual([expect.stringMatching(/^onRequest threw: /)])
  expect(net.stack.runningHandlers).toBe(0)
})

test('onLoad: refused, and the next good reload works', async () => {
  const net = await simulate({ bundle: await good() })
  const bad = await bundleOf(`onRequest(({ drop }) => drop())\nonLoad(() => { throw Object.create(null) })\n`)
  await expect(net.reload(bad)).rejects.toMatchObject({ code: 'ON_LOAD' })
  await net.reload(await good())
  expect(generations(net)).toEqual(['2 live', '1 disposed'])
})

test('onDispose: disposed all the same, and the log says so', async () => {
  const first = await bundleOf(`onRequest(({ drop }) => drop())\nonDispose(() => { throw Object.create(null) })\n`)
  const net = await simulate({ bundle: first })
  await net.reload(await good())
  await net.advance(1)
  expect(generations(net)).toEqual(['2 live', '1 disposed'])
  expect(logged(net, 'error')).toEqual([expect.stringMatching(/^onDispose .* failed: a value that cannot be shown$/)])
})

test('the top level: refused with BAD_BUNDLE', async () => {
  const net = await simulate({ bundle: await good() })
  const bad = await bundleOf(`onRequest(({ drop }) => drop())\nthrow Object.create(null)\n`)
  await expect(net.reload(bad)).rejects.toMatchObject({ code: 'BAD_BUNDLE' })
})
