import { expect, it } from 'vitest'
import { faultsOf, highestCleanRate } from './clean-rate.mjs'

const good = { failed: 0, retransmissions: 0, refused: {}, proxyLoad: 0.5, sippLoad: 0.2 }
const upTo = (limit) => (rate) => ({ ...good, rate, callsPerSecond: rate, proxyLoad: rate > limit ? 0.95 : 0.5 })

it('is found by doubling and halving, and says what is wrong with more', async () => {
  const { rate, limit } = await highestCleanRate(async (rate) => upTo(3_300)(rate), { rest: 0 })
  expect(rate).toBe(3_250)
  expect(limit).toEqual(['the proxy’s core is full'])
})

it('one bad moment of the machine does not count', async () => {
  let attempts = 0
  const attempt = async (rate) => ({ ...upTo(900)(rate), failed: ++attempts === 2 ? 3 : 0 })
  const { rate } = await highestCleanRate(attempt, { from: 100, rest: 0 })
  expect(rate).toBe(900)
})

it('a proxy that cannot do the first rate is an error that says so', async () => {
  await expect(highestCleanRate(async (rate) => upTo(10)(rate), { from: 100, rest: 0 })).rejects.toThrow(
    '100 calls per second are too many already: the proxy’s core is full',
  )
})

it('every kind of trouble has a name', () => {
  const all = {
    rate: 100,
    callsPerSecond: 90,
    failed: 1,
    retransmissions: 1,
    refused: { overload: 1 },
    proxyLoad: 1,
    sippLoad: 1,
  }
  expect(faultsOf(all)).toHaveLength(6)
  expect(faultsOf(all)).toContain('calls were answered 503 (overload)')
  expect(faultsOf({ ...good, rate: 100, callsPerSecond: 99 })).toEqual([])
})
