import { afterEach, expect, test, vi } from 'vitest'
import { Slot } from './slot.ts'

/** More than one variable may have: no process can be started with it. */
const TOO_LONG = 'x'.repeat(200_000)

afterEach(() => vi.unstubAllEnvs())

test('where the system has no process to give, it is asked again and again', async () => {
  vi.stubEnv('SIGNALBOX_TEST', TOO_LONG)
  const said: string[] = []
  const slot = new Slot({
    worker: 1,
    workers: 2,
    log: { error: (line: string) => said.push(line) } as never,
    order: () => undefined as never,
    handlers: { asked: {}, told: { wanted: () => undefined } },
    opened: () => undefined,
    started: () => undefined,
    away: () => undefined,
  })
  slot.keep()
  await vi.waitFor(() => expect(said.length).toBeGreaterThan(1), { timeout: 10_000 })
  expect(said[0]).toMatch(/worker 1 cannot serve: .*E2BIG/)
  slot.retire()
})
