/** A full disk under the log: calls are answered, and the process can be stopped. Nothing of RFC 3261 is asked here. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { bin } from './cli-process.ts'
import { statusLineOf } from './options-request.ts'
import { routes, tempProject } from './temp-project.ts'

/** Its log goes where nobody can read it, so that it cannot choose its port. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function isReady(admin: string): Promise<boolean> {
  return fetch(`http://${admin}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
}

test.skipIf(!existsSync('/dev/full'))('nothing can be written: no errors of errors, and SIGTERM ends it', async () => {
  const admin = `127.0.0.1:${await freePort()}`
  const dir = await tempProject({
    'signalbox.config.ts': `export default { listen: ['udp:127.0.0.1:0'], admin: { listen: '${admin}' } }\n`,
    'routes/main.ts': routes(),
  })
  const full = await open('/dev/full', 'w')
  const child = spawn(process.execPath, [bin, 'start', dir], { stdio: ['ignore', full.fd, 'inherit'] })
  const ended = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
    await full.close()
  })
  await expect.poll(() => isReady(admin), { timeout: 10_000 }).toBe(true)
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'core.status' })
  const headers = { 'content-type': 'application/json' }
  const answer = await (await fetch(`http://${admin}/rpc`, { method: 'POST', headers, body })).json()
  const { result } = answer as { result: { listening: string[] } }
  expect(await statusLineOf(Number(result.listening[0]!.split(':').at(-1)))).toBe('SIP/2.0 403 No trunk')
  const metrics = await (await fetch(`http://${admin}/metrics`)).text()
  expect(metrics).not.toContain('kind="escaped"')
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})
