/** The program of a trunk that is registered at its carrier, as it stands: a phone behind it, calls in both directions. */
import { answer, challenge, registrar } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { Registrant } from './phones.ts'
import { insert, REGISTRAR, reload, trunkNetwork } from './trunk-table.ts'

const DESK = '127.0.0.3:5060'
const account = { realm: 'carrier', username: 'ralice', password: 'secret' }

async function site(status: 401 | 407 = 407) {
  const net = await trunkNetwork({ routes: 'test/scenarios/routes/registered-at-carrier.ts' })
  const books = registrar()
  const registrations = challenge({ ...account, status: 401, next: books })
  const calls = challenge({ ...account, status })
  const carrier = net.uas(REGISTRAR, (incoming) =>
    (incoming.request.method === 'REGISTER' ? registrations : calls)(incoming),
  )
  await insert(net)
  await reload(net)
  await net.advance('1s')
  return { net, carrier, bound: books.bindings.get('sip:ralice@127.0.0.2')!.uri }
}

test('Case 71: a call from the carrier to where the local user has registered', async () => {
  const { net, bound } = await site()
  const phone = new Registrant(net, '127.0.0.4:5060')
  expect(await phone.register({ contact: [`<sip:alice@${DESK}>`] })).toMatch(/^SIP\/2\.0 200 /)
  const desk = net.uas(DESK, answer())
  const call = await net.uac('127.0.0.2:5070').invite(bound)
  expect(call.status).toBe(200)
  expect(desk.requests('INVITE').map(({ requestUri }) => requestUri)).toEqual([`sip:alice@${DESK}`])
  expect((await net.until(call.bye())).status).toBe(200)
  expect(desk.requests('BYE')).toHaveLength(1)
})

test('Case 71: a call from the carrier to a local user who has not: 404', async () => {
  const { net, bound } = await site()
  expect((await net.uac('127.0.0.2:5070').invite(bound)).status).toBe(404)
})

test.each([401, 407] as const)(
  'Case 71: a call to the carrier, %i answered for the trunk of the caller',
  async (status) => {
    const { net, carrier } = await site(status)
    const call = await net.uac().invite('sip:4930123@127.0.0.1:5080', { from: 'sip:u1@127.0.0.1' })
    expect([call.status, call.statuses.includes(status)]).toEqual([200, false])
    const [first, second] = carrier.requests('INVITE')
    expect([first!.requestUri, second!.requestUri]).toEqual(['sip:4930123@127.0.0.2', 'sip:4930123@127.0.0.2'])
    expect(second!.toWire()).toContain('Authorization: Digest username="ralice", realm="carrier"')
    expect((await net.until(call.bye())).status).toBe(200)
  },
)

test('Case 71: a caller without a trunk: 403', async () => {
  const { net, carrier } = await site()
  const call = await net.uac().invite('sip:4930123@127.0.0.1:5080', { from: 'sip:alice@127.0.0.1' })
  expect([call.status, carrier.requests('INVITE').length]).toEqual([403, 0])
})
