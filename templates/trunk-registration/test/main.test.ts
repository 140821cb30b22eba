import { answer, challenge, registrar, reject, simulate, type Behaviour } from '@signalbox/core/testing'
import { expect, test } from 'vitest'

const CARRIER = '127.0.0.2:5060'
const DESK = '127.0.0.3:5060'
const account = { realm: 'carrier.example', username: '4930555', password: 'secret' }

/** A carrier that asks for the password of whoever registers or calls. */
async function office(calls: Behaviour = challenge(account)) {
  const net = await simulate({ routes: 'routes/main.ts', registration: { interval: 1 } })
  await net.createTables()
  await net.sql`insert into uacreg
    (l_uuid, l_username, l_domain, r_username, r_domain, realm, auth_username, auth_password, auth_proxy, expires)
    values (${'desk'}, ${'desk'}, ${'127.0.0.1'}, ${'4930555'}, ${'127.0.0.2'}, ${account.realm}, ${account.username},
      ${account.password}, ${`sip:${CARRIER}`}, ${600})`
  const books = registrar()
  const registrations = challenge({ ...account, status: 401, next: books })
  const carrier = net.uas(CARRIER, (incoming) =>
    (incoming.request.method === 'REGISTER' ? registrations : calls)(incoming),
  )
  // The table is looked at each second.
  await net.advance('2s')
  return { net, carrier, books, phone: net.uac() }
}

type Office = Awaited<ReturnType<typeof office>>

const register = ({ phone }: Office) =>
  phone.send('REGISTER', 'sip:127.0.0.1:5080', {
    from: 'sip:desk@127.0.0.1',
    to: 'sip:desk@127.0.0.1',
    headers: { Contact: `<sip:desk@${DESK}>`, Expires: '600' },
  })

const call = ({ phone }: Office, number = '4940123') =>
  phone.invite(`sip:${number}@127.0.0.1:5080`, { from: 'Front desk <sip:desk@127.0.0.1>' })

test('the row is registered at the carrier, with its password, and stays so', async () => {
  const { net, books } = await office()
  expect([...books.bindings.keys()]).toEqual(['sip:4930555@127.0.0.2'])
  expect(books.bindings.get('sip:4930555@127.0.0.2')!.uri).toMatch(/^sip:desk@127\.0\.0\.1:5080;/)
  await net.advance('1h')
  expect(books.lapses).toBe(0)
})

test('a row that is deleted is unregistered', async () => {
  const { net, books } = await office()
  await net.sql`delete from uacreg where l_uuid = ${'desk'}`
  await net.advance('5s')
  expect(books.bindings.size).toBe(0)
})

test('a call from the carrier rings the phone that has registered', async () => {
  const site = await office()
  const desk = site.net.uas(DESK, answer())
  expect(await register(site)).toMatchObject({ status: 200 })
  const { uri } = site.books.bindings.get('sip:4930555@127.0.0.2')!
  const incoming = await site.net.uac('127.0.0.2:5070').invite(uri, { from: 'sip:4940123@127.0.0.2' })
  expect(incoming).toBeAnsweredWith(200)
  expect(desk.requests('INVITE').map(({ requestUri }) => requestUri)).toEqual([`sip:desk@${DESK}`])
  expect((await site.net.until(incoming.bye())).status).toBe(200)
  expect(desk.requests('BYE')).toHaveLength(1)
})

test('a call from the carrier while no phone has registered', async () => {
  const { net, books } = await office()
  const { uri } = books.bindings.get('sip:4930555@127.0.0.2')!
  expect(await net.uac('127.0.0.2:5070').invite(uri)).toBeAnsweredWith(404)
})

test.each([401, 407] as const)(
  'a call to the carrier: its %i is answered with the password of the trunk',
  async (status) => {
    const site = await office(challenge({ ...account, status }))
    const outgoing = await call(site)
    expect(outgoing).toBeAnsweredWith(200)
    expect(outgoing.statuses).not.toContain(status)
    const sent = site.carrier.requests('INVITE')
    expect(sent.map(({ requestUri }) => requestUri)).toEqual(['sip:4940123@127.0.0.2', 'sip:4940123@127.0.0.2'])
    const name = status === 401 ? 'Authorization' : 'Proxy-Authorization'
    expect(sent[1]!.toWire()).toContain(`\r\n${name}: Digest username="4930555", realm="carrier.example"`)
    expect((await site.net.until(outgoing.bye())).status).toBe(200)
  },
)

test('the carrier reads the number of the account, the phone its own name', async () => {
  const site = await office()
  const outgoing = await call(site)
  await site.net.until(outgoing.bye())
  const sent = [...site.carrier.requests('INVITE'), ...site.carrier.requests('BYE')]
  expect(sent).toHaveLength(3)
  for (const request of sent) expect(request.toWire()).toMatch(/^From: "?Front desk"? <sip:4930555@127\.0\.0\.2>;tag=/m)
  for (const response of outgoing.responses) expect(response.toWire()).toContain('<sip:desk@127.0.0.1>')
})

test('a call that the carrier refuses', async () => {
  expect(await call(await office(reject(486)))).toBeAnsweredWith(486)
})

test('a password that the carrier does not know is its answer to the phone', async () => {
  expect(await call(await office(challenge({ ...account, password: 'changed' })))).toBeAnsweredWith(407)
})

test('who has no trunk calls nobody', async () => {
  const { phone, carrier } = await office()
  const refused = await phone.invite('sip:4940123@127.0.0.1:5080', { from: 'sip:stranger@127.0.0.1' })
  expect(refused).toBeAnsweredWith(403)
  expect(carrier.requests('INVITE')).toEqual([])
})
