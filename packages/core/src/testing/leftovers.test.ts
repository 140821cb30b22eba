/** What a simulation that ends is told of, and the addresses that it takes. Nothing of RFC 3261 is asked here. */
import { expect, it } from 'vitest'
import { answer, ringing } from './behaviours.ts'
import { Simulation } from './simulate.ts'
import { tempBundle } from './temp-bundle.ts'

/** Not tied to the test, which would fail with it. */
async function simulated(lines: string): Promise<Simulation> {
  const names = 'onDispose, onLoad, onRequest'
  const { bundle } = await tempBundle(`import { ${names} } from '@signalbox/dsl'\n${lines}\nvoid [onLoad, onDispose]\n`)
  const net = new Simulation(bundle, {})
  await net.start()
  return net
}

const reply = `onRequest(({ reply }) => reply(404))`
const clears = 'onDispose(({ data }) => clearInterval(data.timer as NodeJS.Timeout))'

it.each([
  ['onLoad', `${reply}\nonLoad(({ data }) => void (data.timer = setInterval(() => undefined, 30_000)))`, 1],
  ['the top level', `${reply}\nsetInterval(() => undefined, 30_000)\nsetInterval(() => undefined, 30_000)`, 2],
  ['a handler', `onRequest(({ reply }) => { setTimeout(() => undefined, 33_000); reply(404) })`, 1],
])('a timer that %s leaves behind fails the test', async (_, routes, count) => {
  const net = await simulated(routes)
  await net.uac().invite('sip:bob@127.0.0.1:5080')
  await expect(net.close()).rejects.toThrow(`  ${count} timer${count > 1 ? 's' : ''} of the routes: a setInterval, or`)
})

it('one that onDispose stops, or that is over by then, does not', async () => {
  const loads = 'onLoad(({ data }) => void (data.timer = setInterval(() => undefined, 30_000)))'
  const net = await simulated(
    `onRequest(({ reply }) => { setTimeout(() => undefined, 5_000); reply(404) })\n${loads}\n${clears}`,
  )
  await net.uac().invite('sip:bob@127.0.0.1:5080')
  await net.close()
})

it('nor does that of routes that never went live', async () => {
  const net = await simulated(reply)
  const { bundle } = await tempBundle(
    `import { onLoad, onRequest } from '@signalbox/dsl'\nonRequest(({ drop }) => drop())\nonLoad(() => { setInterval(() => undefined, 9); throw new Error('no') })\n`,
  )
  await expect(net.reload(bundle)).rejects.toThrow('no')
  await net.close()
})

it('a request that a timer sends after the reply, and that rings for ever, fails the test', async () => {
  const send = `uac.send({ method: 'INVITE', ruri: 'sip:127.0.0.1:5090', timeout: '1h' })`
  const net = await simulated(`onRequest(({ reply, uac }) => { setTimeout(() => void ${send}, 20); reply(404) })`)
  net.uas('127.0.0.1:5090', ringing())
  await net.uac().invite('sip:bob@127.0.0.1:5080')
  await expect(net.close()).rejects.toThrow('  1 request of its own: uac.send has no answer yet')
})

it.each(['sip:127.0.0.1:5090', '127.0.0.1:99999', '127.0.0.1:0', '127.0.0.1', ':5090'])(
  'no address: %s',
  async (text) => {
    const net = await simulated(reply)
    const said = `expected host:port such as 127.0.0.1:5090, found ${text}`
    expect(() => net.uas(text, answer())).toThrow(said)
    expect(() => net.uac(text)).toThrow(said)
    await net.close()
  },
)
