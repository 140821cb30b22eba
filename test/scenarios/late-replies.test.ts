/** RFC 6026 §8.4: a 2xx may come again, and others behind it, long after the call was answered: what its reply routes are of is there for them. */
import { answer, challenge, delayed, simulate, type Incoming } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { bundleOf, generations } from './generations.ts'
import { BOB, CARRIER, logged, PHONE, SECOND } from './wire.ts'

const lines = (request: string) => `onRequest(${request})
onReply('SEES', ({ res, log }) => log.info('sees ' + res.status))
onFailure('NEXT', ({ relay }) => relay({ to: 'sip:127.0.0.1:5091' }))
onDispose(({ log }) => log.info('disposed'))
`

const seen = lines(`({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onReply: 'SEES' })`)
const failing = lines(
  `({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onReply: 'SEES', onFailure: 'NEXT', timeouts: { provisional: '1s' } })`,
)

async function network(routes: string) {
  const net = await simulate({ bundle: await bundleOf(routes) })
  return { net, phone: net.uac(PHONE), next: await bundleOf(`onRequest(({ reply }) => reply(486))`) }
}

test('RFC 3261 §22.2: a send that nobody waits for is repeated after its generation: none of its routes runs', async () => {
  const { net, next } = await network(`import { onEvent } from '@signalbox/dsl'
const auth = { username: 'u', password: 'p' }
onLoad(({ uac }) => void uac.send({ method: 'OPTIONS', ruri: 'sip:127.0.0.1:5090', auth }))
onRequest(({ reply }) => reply(403))
onLocal(({ log }) => log.info('leaves'))
onEvent('uac:reply', ({ log }) => log.info('hears'))
onDispose(({ log }) => log.info('disposed'))
`)
  const uas = net.uas(CARRIER, delayed('3s', challenge({ realm: 'r', username: 'u', password: 'p' })))
  await net.advance('1s')
  await net.reload(next)
  await net.advance('10s')
  expect(uas.requests('OPTIONS')).toHaveLength(2)
  expect(logged(net, 'info')).toEqual(['leaves', 'disposed'])
})

describe('RFC 6026 §8.4: a generation is disposed of', () => {
  test('when no 2xx of a call can come to its reply route any more', async () => {
    const { net, phone, next } = await network(seen)
    const legs: Incoming[] = []
    net.uas(CARRIER, (incoming) => {
      legs.push(incoming, incoming.another())
      incoming.answer(200)
    })
    const call = phone.dial(BOB)
    await net.until(call.answered)
    await net.reload(next)
    expect(generations(net, 'transactions')).toEqual(['2 live 0', '1 draining 1'])
    // Once more, and another phone behind it.
    for (const leg of legs) leg.answer(200)
    await net.advance('31s')
    expect(logged(net, 'info')).toEqual(['sees 200', 'sees 200', 'sees 200'])
    await net.advance('1s')
    expect(generations(net, 'transactions')).toEqual(['2 live 0', '1 disposed 0'])
    expect(logged(net, 'info').at(-1)).toBe('disposed')
  })

  test('when a hop that was given up, and whose INVITE is out, can answer no more', async () => {
    const { net, phone, next } = await network(failing)
    net.uas(CARRIER, (incoming) => incoming.after(5_000, () => incoming.answer(200)))
    net.uas(SECOND, answer())
    const call = phone.dial(BOB)
    await net.until(call.answered)
    await net.reload(next)
    expect(generations(net, 'transactions')).toEqual(['2 live 0', '1 draining 1'])
    await net.advance('10s')
    expect(logged(net, 'info')).toEqual(['sees 200'])
    await net.advance('32s')
    expect(logged(net, 'info')).toEqual(['sees 200', 'disposed'])
  })

  test('and when it never answers', async () => {
    const { net, phone, next } = await network(failing)
    net.uas(SECOND, answer())
    const call = phone.dial(BOB)
    await net.until(call.answered)
    await net.reload(next)
    await net.advance('20s')
    expect(generations(net)).toEqual(['2 live', '1 draining'])
    await net.advance('12s')
    expect(generations(net)).toEqual(['2 live', '1 disposed'])
  })

  test('at once after a refusal, or where no reply route is armed', async () => {
    const { net, phone, next } = await network(failing.replace(`onReply: 'SEES', `, ''))
    net.uas(CARRIER, answer())
    expect(await phone.invite(BOB)).toBeAnsweredWith(200)
    await net.reload(await bundleOf(seen))
    expect(generations(net)).toEqual(['2 live', '1 disposed'])
    net.uas(SECOND, answer())
    await net.reload(await bundleOf(seen.replace('5090', '5092')))
    expect(generations(net)[1]).toBe('2 disposed')
    net.uas('127.0.0.1:5092', answer({ status: 486 }))
    expect(await phone.invite(BOB)).toBeAnsweredWith(486)
    await net.reload(next)
    expect(generations(net)[1]).toBe('3 disposed')
  })

  test('at once after other methods, which are answered once', async () => {
    const { net, phone, next } = await network(seen)
    net.uas(CARRIER, answer())
    const call = phone.dial(BOB, { method: 'MESSAGE' })
    await net.until(call.answered)
    await net.reload(next)
    expect(generations(net)).toEqual(['2 live', '1 disposed'])
  })

  test('at once when the proxy stops, which waits for no stray', async () => {
    const { net, phone } = await network(seen)
    net.uas(CARRIER, answer())
    expect(await phone.invite(BOB)).toBeAnsweredWith(200)
    expect([generations(net, 'transactions'), net.stack.unanswered()]).toEqual([['1 live 1'], 0])
    await net.close()
    expect(logged(net, 'info').at(-1)).toBe('disposed')
  })
})
