/** What only batches can get wrong: a kernel that has no room, errors of a whole call, and a turn that is cut short. */
import { spawn } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { EAGAIN, ENOBUFS, loadLibc, type Libc } from './libc.ts'
import { BatchedDatagrams } from './udp-batched.ts'

let libc: Libc

beforeAll(async () => {
  const loaded = await loadLibc()
  if (typeof loaded === 'string') throw new Error(loaded)
  libc = loaded
})

/** A peer that keeps what it gets. */
async function peer(): Promise<{ port: number; texts: string[] }> {
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void socket.close())
  const texts: string[] = []
  socket.on('message', (bytes) => texts.push(bytes.toString('latin1')))
  await once(socket, 'listening')
  return { port: socket.address().port, texts }
}

/** A socket whose kernel is as told. */
async function open(kernel: Partial<Libc>): Promise<BatchedDatagrams> {
  const receiver = { datagram: () => undefined }
  const binding = { address: '127.0.0.1', port: 0, isIPv6: false, isShared: false }
  const datagrams = await BatchedDatagrams.open({ ...libc, ...kernel }, binding, receiver)
  onTestFinished(() => datagrams.close().catch(() => undefined))
  return datagrams
}

describe('a kernel without room', () => {
  it.each([
    ['EAGAIN', EAGAIN],
    ['ENOBUFS', ENOBUFS],
  ])('gets what it did not take once more, in the same order: %s', async (_, errno) => {
    const answers = [3, -1]
    const calls: number[] = []
    const { port, texts } = await peer()
    const datagrams = await open({
      errno: () => errno,
      sendmmsg: (fd, headers, count, flags) => {
        calls.push(count)
        const answer = answers.shift() ?? count
        return answer < 0 ? answer : libc.sendmmsg(fd, headers, answer, flags)
      },
    })
    const wanted = Array.from({ length: 70 }, (_each, i) => `message ${i}`)
    for (const text of wanted) datagrams.send(text, '127.0.0.1', port, undefined)
    await vi.waitFor(() => expect(texts).toHaveLength(wanted.length))
    expect(texts).toEqual(wanted)
    // All that came after went the other way, too, or it would have overtaken.
    expect(calls).toEqual([32, 29])

    datagrams.send('later', '127.0.0.1', port, undefined)
    await vi.waitFor(() => expect(texts.at(-1)).toBe('later'))
    expect(calls).toEqual([32, 29, 1])
  })
})

it('an error of receiving is told as one of the socket', async () => {
  const EIO = 5
  const datagrams = await open({ recvmmsg: () => -1, errno: () => EIO })
  const told = once(datagrams.socket, 'error')
  const sender = await open({})
  sender.send('x', '127.0.0.1', datagrams.socket.address().port, undefined)
  expect(await told).toMatchObject([{ message: 'recvmmsg EIO', code: 'EIO', syscall: 'recvmmsg' }])
})

it('a route that is ended in the middle of a turn costs no datagram and no answer', async () => {
  const script = fileURLToPath(new URL('../testing/cut-short.mjs', import.meta.url))
  const built = new URL('../../dist/transport/udp.js', import.meta.url).href
  const child = spawn(process.execPath, [script, built], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  expect(await once(child, 'close')).toEqual([0, null])
  expect(Buffer.concat(output).toString().trim().split('\n').sort()).toEqual(
    ['0', '1', '2', '3', 'again'].map((text) => `answer to ${text}`),
  )
})
