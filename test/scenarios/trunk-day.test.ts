/** A virtual day of many trunks: none lapses, the pace is kept, and nothing piles up. */
import { registrar } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { insert, REGISTRAR, reload, trunkNetwork } from './trunk-table.ts'

const TRUNKS = 5_000
const RATE = 50

test(
  'Cases 61 and 70: a day of 5,000 trunks: none lapses, and no second starts more than the rate',
  { timeout: 120_000 },
  async () => {
    const books = registrar()
    let perSecond = new Map<number, number>()
    const net = await trunkNetwork({
      routes: 'test/scenarios/routes/trunk.ts',
      registration: { rate: RATE, interval: 900 },
    })
    const uas = net.uas(REGISTRAR, (incoming) => {
      const second = Math.floor(incoming.agent.timers.clock.now() / 1_000)
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1)
      books(incoming)
    })
    for (let index = 0; index < TRUNKS; index++) {
      await insert(net, { uuid: `u${index}`, account: `r${index}`, expires: 7_200 })
    }
    await reload(net)
    await net.advance('110s')
    const { trunks } = net.stack
    expect(trunks!.counts()).toMatchObject({ registered: TRUNKS })
    let most = Math.max(...perSecond.values())
    for (let hour = 0; hour < 24; hour++) {
      perSecond = new Map()
      await net.advance('1h')
      most = Math.max(most, ...perSecond.values())
      // The kit remembers everything.
      uas.received.length = 0
      net.network.sent.length = 0
    }
    expect(most).toBeLessThanOrEqual(RATE)
    expect(books.lapses).toBe(0)
    expect(trunks!.counts()).toMatchObject({ registered: TRUNKS })
    // Beside the transactions that wait for strays: one for all trunks, and its like.
    await net.advance('1s')
    expect(net.stack.proxy.layer.clients).toBeLessThan(TRUNKS / 10)
  },
)
