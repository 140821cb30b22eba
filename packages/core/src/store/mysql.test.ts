/** A server that is not there; what one does that is stands in test/interop. */
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { Store } from './store.ts'

function open(host: string, port: number): { store: Store; said: string[] } {
  const said: string[] = []
  const note = (line: string): void => void said.push(line)
  const address = { kind: 'mysql', host, port, user: 'u', password: 's3cret', name: 'x' } as const
  const store = new Store(address, { info: note, warn: note })
  onTestFinished(() => store.close())
  return { store, said }
}

/** Nobody listens there any more. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

test.each(['127.0.0.1', 'localhost'])('%s refuses: said once, with the reason, without the password', async (host) => {
  const { store, said } = open(host, await closedPort())
  const error = await store.sql`select 1`.catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'DATABASE', message: expect.stringContaining('ECONNREFUSED') })
  await expect(store.sql`select 1`).rejects.toMatchObject({ code: 'DATABASE' })
  expect(store.isUp).toBe(false)
  expect(said).toEqual([expect.stringMatching(/mysql:\/\/u@.*\/x is away: .*ECONNREFUSED/)])
  expect(String((error as Error).stack) + said.join()).not.toContain('s3cret')
})

test('one that takes connections and says nothing is given up', async () => {
  const server = createServer((socket) => onTestFinished(() => void socket.destroy())).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { store } = open('127.0.0.1', (server.address() as AddressInfo).port)
  const asked = performance.now()
  await expect(store.sql`select 1`).rejects.toMatchObject({ code: 'DATABASE' })
  expect(performance.now() - asked).toBeLessThan(6_000)
  await expect(store.sql`select 1`).rejects.toMatchObject({ code: 'DATABASE' })
  expect(performance.now() - asked).toBeLessThan(6_500)
})

test('closed, it refuses', async () => {
  const { store } = open('127.0.0.1', await closedPort())
  await store.sql`select 1`.catch(() => undefined)
  await store.close()
  await expect(store.sql`select 1`).rejects.toMatchObject({ code: 'DATABASE', message: /closed/ })
})
