/** The registrar of the kit grants, refuses and forgets as it is told: the scenarios of trunks rest on it. */
import { beforeAll, expect, it } from 'vitest'
import type { Bundle } from '../build/bundle.ts'
import { registrar, type RegistrarOptions } from './registrar.ts'
import { simulate } from './simulate.ts'
import { tempBundle } from './temp-bundle.ts'

let bundle: Bundle

beforeAll(async () => {
  const temp = await tempBundle(`import { onRequest } from '@signalbox/dsl'
onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090' }))
`)
  bundle = temp.bundle
})

async function site(options: RegistrarOptions = {}) {
  const net = await simulate({ bundle })
  const books = registrar(options)
  net.uas('127.0.0.1:5090', books)
  const phone = net.uac()
  const send = async (expires: number) =>
    (await phone.send('REGISTER', 'sip:x', { to: 'sip:a@x', headers: { Expires: String(expires) } })).final!
  return { net, books, send }
}

it('binds what is asked for, and says for how long', async () => {
  const { books, send } = await site()
  const response = await send(60)
  expect(response.toWire()).toMatch(/Contact: <sip:127\.0\.0\.1:15060>;expires=60\r\n/)
  expect(books.bindings.get('sip:a@x')?.uri).toBe('sip:127.0.0.1:15060')
})

it('says it in the header, or not at all', async () => {
  expect((await (await site({ says: 'header', grant: 30 })).send(60)).toWire()).toMatch(/5060>\r\nExpires: 30\r\n/)
  expect((await (await site({ says: 'nothing' })).send(60)).toWire()).not.toMatch(/expires/i)
})

it('forgets at 0, and counts what came too late', async () => {
  const { net, books, send } = await site()
  await send(10)
  await net.advance('9s')
  await send(10)
  expect(books.lapses).toBe(0)
  await net.advance('11s')
  await send(10)
  expect(books.lapses).toBe(1)
  await send(0)
  expect(books.bindings.size).toBe(0)
})

it('refuses what is too brief', async () => {
  const { send } = await site({ minExpires: 100 })
  const response = await send(60)
  expect([response.status, response.toWire().includes('Min-Expires: 100')]).toEqual([423, true])
  expect((await send(100)).status).toBe(200)
})
