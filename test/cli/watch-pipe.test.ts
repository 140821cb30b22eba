/** `signalbox trunks --watch | head -1`: who reads no further is no error. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json, text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { bin } from './cli-process.ts'

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { id, method } = (await json(request)) as { id: number; method: string }
  const result = method === 'core.status' ? { trunks: { problem: '' } } : []
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
}

/** A proxy without trunks, as far as the command asks. */
async function adminOfNoTrunks(): Promise<string> {
  const server = createServer((request, response) => void answer(request, response))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('the command ends without complaint', async () => {
  const args = ['trunks', '--watch', '--admin', await adminOfNoTrunks()]
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  expect({ complaint, code }).toEqual({ complaint: '', code: 0 })
})
