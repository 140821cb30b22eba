/** A handler that is registered when the routes are loaded already would never run: it throws where it stands. Nothing of RFC 3261 is asked here. */
import { simulate } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { bundleOf } from './generations.ts'
import { logged, PHONE } from './wire.ts'

const TOO_LATE = "onFailure 'LATE' is registered too late: handlers are registered while the routes are loaded"

test('in a handler: 500, and the log says where', async () => {
  const net = await simulate({ bundle: await bundleOf(`onRequest(() => void onFailure('LATE', () => {}))\n`) })
  expect(await net.uac(PHONE).invite('sip:bob@127.0.0.1:5080')).toBeAnsweredWith(500)
  const [line] = logged(net, 'error')
  expect(line).toContain(`SignalboxError: ${TOO_LATE}`)
  expect(line).toMatch(/routes\/main\.ts:\d+:\d+/)
})

test('in onLoad: refused at its place', async () => {
  const bundle = await bundleOf(`onRequest(({ drop }) => drop())\nonLoad(() => void onFailure('LATE', () => {}))\n`)
  await expect(simulate({ bundle })).rejects.toMatchObject({
    code: 'ON_LOAD',
    problems: [{ text: expect.stringContaining(TOO_LATE) as string, file: 'routes/main.ts' }],
  })
})

test('by a timer of the top level, which can catch it', async () => {
  const bundle = await bundleOf(`let said = 'nothing'
setTimeout(() => { try { onFailure('LATE', () => {}) } catch (error) { said = (error as { code: string }).code } }, 0)
onRequest(async ({ reply }) => {
  await new Promise((resolve) => setTimeout(resolve, 5))
  reply(480, said)
})\n`)
  const net = await simulate({ bundle })
  const call = await net.uac(PHONE).invite('sip:bob@127.0.0.1:5080')
  expect(call.final!.toWire()).toMatch(/^SIP\/2\.0 480 LATE_ROUTE\r\n/)
})
