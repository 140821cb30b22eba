import { challenge, simulate } from '@signalbox/core/testing'
import { expect, test } from 'vitest'

test('a call that the trunk challenges connects', async () => {
  const net = await simulate({ routes: 'routes/main.ts' })
  net.uas('127.0.0.1:5090', challenge({ realm: 'carrier', username: 'test', password: 'test' }))
  const call = await net.uac().invite('sip:bob@127.0.0.1:5080')
  expect(call).toBeAnsweredWith(200)
  await net.advance('32s')
  await net.close()
})

test('a password that the trunk does not know is its answer to the caller', async () => {
  const net = await simulate({ routes: 'routes/main.ts' })
  net.uas('127.0.0.1:5090', challenge({ realm: 'carrier', username: 'test', password: 'changed' }))
  const call = await net.uac().invite('sip:bob@127.0.0.1:5080')
  expect(call).toBeAnsweredWith(407)
  await net.advance('32s')
  await net.close()
})
