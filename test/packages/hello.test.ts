/** From `npm create signalbox` to a call: also on the newer Node. */
import { expect, test } from 'vitest'
import { made, running } from './project.ts'

test('hello: made, checked, built, tested, started, called', { timeout: 120_000 }, async () => {
  const hello = await made('create-signalbox', 'hello')
  expect(await hello.npm('test')).toMatch(/Tests +2 passed/)
  expect(await hello.npm('check')).toBe('ok nothing found\n')
  await hello.npm('build')
  await running(hello, { at: '127.0.0.1:5090' }, async ({ phone, peer, proxy }) => {
    expect((await phone.send('OPTIONS', `sip:bob@${proxy}`)).status).toBe(200)
    const call = await phone.invite(`sip:bob@${proxy}`)
    expect(call).toBeAnsweredWith(200)
    expect((await call.bye()).status).toBe(200)
    expect(peer.requests('BYE')).toHaveLength(1)
  })
})
