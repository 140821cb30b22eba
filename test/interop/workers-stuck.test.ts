/** A worker that does not answer (SIGSTOP stands for it) holds nothing up for ever: not a reload, not an operator, not the end of the proxy. */
import { expect, onTestFinished, test } from 'vitest'
import { openPeers } from './peers.ts'
import { rpc } from './registrations.ts'
import { program, type Signalbox } from './signalbox.ts'
import { isAlive, two, workerPids } from './worker-calls.ts'
import { settledWithin, until } from './wait.ts'

async function stop(proxy: Signalbox, worker: number): Promise<number[]> {
  const pids = await workerPids(proxy)
  process.kill(pids[worker]!, 'SIGSTOP')
  onTestFinished(() => {
    if (isAlive(pids[worker]!)) process.kill(pids[worker]!, 'SIGKILL')
  })
  return pids
}

test('SIGTERM: a worker that stands still is ended when the time for draining is over, and nobody is left', async () => {
  const proxy = await openPeers().signalbox(program('trunk-auth', 5090), { ...two, drain: { timeout: 500 } })
  const pids = await stop(proxy, 1)
  proxy.signal('SIGTERM')
  expect(await settledWithin(proxy.exited, 20_000)).toBe(true)
  expect(await proxy.exited).toBe(0)
  expect(pids.filter(isAlive)).toEqual([])
  expect(proxy.output).toContain('worker 1 was not drained: no answer within')
}, 40_000)

test('an operator who asks worker 0 while it stands still is answered', async () => {
  const proxy = await openPeers().signalbox(program('trunk-auth', 5090), two)
  const [pid] = await stop(proxy, 0)
  await expect(rpc(proxy.adminPort, 'ul.dump')).rejects.toThrow(/no answer within/)
  process.kill(pid!, 'SIGCONT')
  await until('it answers again', async () => (await rpc(proxy.adminPort, 'ul.dump')) !== undefined)
}, 40_000)
