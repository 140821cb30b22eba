/** What only batches can get wrong: a kernel that has no room, and errors of a whole call. */
import dgram from 'node:dgram'
import { once } from 'node:events'
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
async function open(
  kernel: Partial<Libc>,
  failed: (error: Error) => void = () => undefined,
): Promise<BatchedDatagrams> {
  const receiver = { datagram: () => undefined, failed }
  const binding = { address: '127.0.0.1', port: 0, isIPv6: false, isShared: false }
  const datagrams = await BatchedDatagrams.open({ ...libc, ...kernel }, binding, receiver)
  onTestFinished(() => datagrams.close())
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
    // What was not taken, and then what was sent meanwhile, in batches again.
    expect(calls).toEqual([32, 29, 29, 32, 6])
  })

  it('keeps so many and no more: who sent one too many is told', async () => {
    const datagrams = await open({ errno: () => EAGAIN, sendmmsg: () => -1 })
    const errors: Error[] = []
    const sender = { sendFailed: (error: Error) => void errors.push(error) }
    for (let i = 0; i < 32 + 4096; i++) datagrams.send('one of many', '127.0.0.1', 9, sender)
    datagrams.send('one too many', '127.0.0.1', 9, sender)
    await Promise.resolve()
    expect(errors).toMatchObject([{ code: 'ENOBUFS', message: 'send ENOBUFS 127.0.0.1:9' }])
  })
})

it('an error of receiving is told as one of the socket', async () => {
  const EIO = 5
  const told = vi.fn()
  const { bound } = await open({ recvmmsg: () => -1, errno: () => EIO }, told)
  const sender = await open({})
  sender.send('x', bound.address, bound.port, undefined)
  await vi.waitFor(() => expect(told).toHaveBeenCalled())
  expect(told.mock.lastCall![0]).toMatchObject({ message: 'recvmmsg EIO', code: 'EIO', syscall: 'recvmmsg' })
})
