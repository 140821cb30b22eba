import { challenge, simulate } from '@signalbox/core/testing'
import { expect, test } from 'vitest'

test('a call that the trunk challenges connects', async () => {
  const net = await simulate()
  net.uas('127.0.0.1:5090', challenge({ realm: 'carrier', username: 'test', password: 'test' }), 'carrier')
  const call = await net.uac().invite('sip:bob@127.0.0.1:5080')
  expect(call).toReach('carrier', { after: 407 })
  expect(call).toHaveRun("onFailure 'TRUNKAUTH'")
  expect(call).toBeAnsweredWith(200)
  expect(call).not.toHaveReceived(407)
  expect((await call.bye()).status).toBe(200)
})

test('a password that the trunk does not know is its answer to the caller', async () => {
  const net = await simulate()
  net.uas('127.0.0.1:5090', challenge({ realm: 'carrier', username: 'test', password: 'changed' }))
  const call = await net.uac().invite('sip:bob@127.0.0.1:5080')
  expect(call).toBeAnsweredWith(407)
})
