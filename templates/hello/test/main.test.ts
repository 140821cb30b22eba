import { answer, simulate } from '@signalbox/core/testing'
import { expect, test } from 'vitest'

const PHONE = '127.0.0.1:5090'

test('OPTIONS is answered here', async () => {
  const net = await simulate({ routes: 'routes/main.ts' })
  const phone = net.uas(PHONE, answer())
  expect((await net.uac().send('OPTIONS', 'sip:bob@127.0.0.1:5080')).status).toBe(200)
  expect(phone.requests('OPTIONS')).toEqual([])
})

test('a call rings the phone', async () => {
  const net = await simulate({ routes: 'routes/main.ts' })
  const phone = net.uas(PHONE, answer())
  const call = await net.uac().invite('sip:bob@127.0.0.1:5080')
  expect(call).toBeAnsweredWith(200)
  expect((await call.bye()).status).toBe(200)
  expect(phone.requests('BYE')).toHaveLength(1)
})
