/** Chance in a simulation comes from its seed: bad lines, ids and nonces. */
import { answer, challenge, registrar, simulate, type Simulation, type SimulateOptions } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { insert, REGISTRAR, reload, trunkNetwork } from './trunk-table.ts'
import { BOB, CARRIER } from './wire.ts'

const bad = { loss: 0.15, duplicate: 0.1, latency: '5ms', jitter: '40ms' }
const account = { realm: 'carrier', username: 'test', password: 'test', qop: 'auth' }

/** Calls with digests and sealed names over a bad line. */
async function calls(options: SimulateOptions, impairment: object = bad): Promise<Simulation> {
  const net = await simulate({ routes: 'test/scenarios/routes/seeded.ts', ...options })
  net.uas(CARRIER, challenge({ ...account, next: answer({ after: '2s' }) }), 'carrier')
  net.impair(impairment)
  const phone = net.uac()
  for (let i = 0; i < 5; i++) {
    const call = await phone.invite(BOB)
    if (call.dialog !== undefined) await call.bye()
  }
  await net.advance('40s')
  return net
}

describe('the same seed', () => {
  test('makes the same calls, byte for byte, with their times', async () => {
    const [first, second] = [await calls({ seed: 7 }), await calls({ seed: 7 })]
    expect(first.transcript()).toMatch(/\(lost\)/)
    expect(first.transcript()).toMatch(/\(arrives after \d+ ms and \d+ ms\)/)
    expect(first.transcript()).toMatch(/cnonce="[0-9a-f]{32}"/)
    expect(first.transcript()).toMatch(/vsf=~1/)
    expect(second.transcript() === first.transcript()).toBe(true)
  })

  test('keeps trunks registered in the same way, day for day', async () => {
    const day = async (seed: number): Promise<string> => {
      const net = await trunkNetwork({ routes: 'test/scenarios/routes/trunk.ts', seed })
      net.uas(REGISTRAR, registrar())
      for (let i = 0; i < 3; i++) await insert(net, { uuid: `u${i}`, account: `r${i}`, expires: 600 })
      await reload(net)
      await net.advance('24h')
      return net.transcript()
    }
    const [first, second, other] = [await day(3), await day(3), await day(4)]
    expect(second === first).toBe(true)
    expect(other === first).toBe(false)
  })
})

test('another seed makes others', async () => {
  const [first, second] = [await calls({ seed: 7 }), await calls({ seed: 8 })]
  expect(second.sequence()).toBeDefined()
  expect(second.transcript() === first.transcript()).toBe(false)
  // Also where nothing is lost: ids and nonces differ.
  const [third, fourth] = [await calls({ seed: 7 }, {}), await calls({ seed: 8 }, {})]
  expect(fourth.sequence()).toEqual(third.sequence())
  expect(fourth.transcript() === third.transcript()).toBe(false)
})

test('a line may have a seed of its own', async () => {
  const [first, second] = [await calls({}, { ...bad, seed: 3 }), await calls({}, { ...bad, seed: 4 })]
  expect(second.transcript() === first.transcript()).toBe(false)
})

describe('a bad line', () => {
  test('RFC 3261 §17.1.1.2: loses its share, and calls get through all the same', async () => {
    const net = await simulate({ routes: 'test/scenarios/routes/trunk.ts', seed: 2 })
    net.uas(CARRIER, answer())
    net.impair({ loss: 0.3 })
    const phone = net.uac()
    for (let i = 0; i < 20; i++) expect(await phone.invite(BOB)).toBeAnsweredWith(200)
    const lost = net.transcript().split('(lost)').length - 1
    const share = lost / net.network.sent.length
    expect(share).toBeGreaterThan(0.2)
    expect(share).toBeLessThan(0.4)
  })

  test('is that of one peer, by name, and is mended with {}', async () => {
    const net = await simulate({ routes: 'test/scenarios/routes/trunk.ts' })
    net.uas(CARRIER, answer(), 'carrier')
    net.impair({ loss: 1, at: 'carrier' })
    const call = await net.uac().invite(BOB)
    expect(call).not.toReach('carrier')
    expect(call).toHaveReceived(408)
    net.impair({})
    const next = await net.uac().invite(BOB)
    expect(next).toReach('carrier', { within: 0 })
  })

  test('takes its time, and jitter lets datagrams overtake each other', async () => {
    const net = await simulate({ routes: 'test/scenarios/routes/trunk.ts', seed: 5 })
    net.uas(CARRIER, answer())
    net.impair({ latency: '100ms' })
    const slow = net.uac().dial(BOB)
    await net.advance('399ms')
    expect(slow.statuses).toEqual([100])
    await net.advance('1ms')
    expect(slow.statuses).toEqual([100, 180, 200])
    net.impair({ jitter: '100ms' })
    const phone = net.uac()
    const orders = new Set<string>()
    for (let i = 0; i < 20; i++) {
      const call = await phone.invite(BOB)
      await net.advance('1s')
      orders.add(call.statuses.filter((status) => status > 100).join())
    }
    expect(orders).toContain('200')
    expect(orders).toContain('180,200')
  })

  test.each([{ loss: 10 }, { duplicate: -1 }, { loss: Number.NaN }])('%o is no share', async (impairment) => {
    const net = await simulate({ routes: 'test/scenarios/routes/trunk.ts' })
    expect(() => net.impair(impairment)).toThrow(/is a share between 0 and 1/)
  })
})
