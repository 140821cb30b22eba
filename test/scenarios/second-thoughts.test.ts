/** What is easily got wrong: budgets that are shared, bounds that wait for each other, and state that gets lost between two routes. */
import { answer, challenge, inTurn, reject, ringing, silent, simulate, type Behaviour } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { CARRIER, logged, PHONE, sentTo } from './wire.ts'

const SECOND = '127.0.0.1:5091'
const dial = (user: string): string => `sip:${user}@127.0.0.1:5080`

async function network(carrier: Behaviour, second: Behaviour = answer()) {
  const net = await simulate({ routes: 'test/scenarios/routes/second-thoughts.ts' })
  net.uas(CARRIER, carrier)
  net.uas(SECOND, second)
  return { net, phone: net.uac(PHONE) }
}

test('branches that are tried again use up nothing of the failure route', async () => {
  const { net, phone } = await network(reject(486))
  expect(await phone.invite(dial('many'))).toBeAnsweredWith(486)
  expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(26)
  expect(logged(net, 'info')).toEqual(['shown 13'])
})

test('RFC 3261 §16.8: `final` bounds a request that is no INVITE, and one of which nothing was heard', async () => {
  const { net, phone } = await network(silent())
  const message = await phone.send('MESSAGE', dial('bounded'))
  expect([message.status, net.clock.now()]).toEqual([200, 1000])
  const call = await phone.invite(dial('hurried'))
  expect([call.status, net.clock.now()]).toEqual([408, 2000])
})

test('the next hop that a route set is there in its failure route, and a bare relay goes to it', async () => {
  const { net, phone } = await network(inTurn(reject(503), answer()))
  expect(await phone.invite(dial('bob'))).toBeAnsweredWith(200)
  expect(logged(net, 'info')).toEqual(['next hop sip:127.0.0.1:5090'])
})

test('RFC 3261 §13.3.1.4: a 2xx that a route gives to a re-INVITE is repeated until its ACK', async () => {
  const { net, phone } = await network(answer(), answer())
  const call = await phone.invite(dial('done'))
  let losses = 2
  net.filter = ({ to, wire }) =>
    to === PHONE && wire.includes('2 INVITE') && wire.includes(' 200 ') && losses-- > 0 ? 0 : 1
  expect((await call.send('INVITE')).status).toBe(200)
  expect(net.stack.proxy.callees.size).toBe(0)
})

test('`done` waits for the answer, not for a branch that ignores its CANCEL', async () => {
  const { net, phone } = await network(answer(), (incoming) => {
    incoming.answer(180)
    incoming.agent.layer.timers.stopAll()
  })
  expect(await phone.invite(dial('done'))).toBeAnsweredWith(200)
  await net.advance(10)
  expect(logged(net, 'info')).toEqual(['done'])
})

test('RFC 3261 §22.2: another password of the same user is not what was rejected', async () => {
  const { phone } = await network(challenge({ realm: 'r', username: 'u', password: 'new' }))
  expect(await phone.invite(dial('rotates'))).toBeAnsweredWith(200)
})

test('a proxy that has waited long enough ends what is still open: 503 to the caller, CANCEL to who rings', async () => {
  const { net, phone } = await network(ringing())
  const call = phone.dial(dial('bob'))
  await net.advance(100)
  expect(net.stack.proxy.abandon()).toBe(1)
  await net.until(call.answered)
  expect(call).toBeAnsweredWith(503)
  expect(sentTo(net, CARRIER, 'CANCEL ')).toHaveLength(1)
})
