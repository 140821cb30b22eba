/** What only batches can get wrong: a kernel that has no room, and errors of a whole call. */
import dgram from 'node:dgram'
import { once } from 'node:events'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { EAGAIN, ENOBUFS, loadLibc, SO_SNDBUF, SOL_SOCKET, type Libc } from './libc.ts'
import { BatchedDatagrams } from './udp-batched.ts'
import type { Receiver } from './udp-dgram.ts'

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

/** A socket whose kernel, and who receives from it, is as told. */
async function open(kernel: Partial<Libc>, to: Partial<Receiver> = {}): Promise<BatchedDatagrams> {
  const receiver = { datagram: () => undefined, failed: () => undefined, ...to }
  const binding = { address: '127.0.0.1', port: 0, isIPv6: false, isShared: false }
  const datagrams = await BatchedDatagrams.open({ ...libc, ...kernel }, binding, receiver)
  onTestFinished(() => datagrams.close())
  return datagrams
}

it('has more room for what is to leave than the kernel gives by itself: neighbours that are away take it for seconds', async () => {
  const plain = dgram.createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void plain.close())
  await once(plain, 'listening')
  const { fd } = await open({})
  const room = new Int32Array(1)
  libc.getsockopt(fd, SOL_SOCKET, SO_SNDBUF, room, Uint32Array.of(4))
  expect(room[0]).toBeGreaterThan(plain.getSendBufferSize())
})

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
  const { bound } = await open({ recvmmsg: () => -1, errno: () => EIO }, { failed: told })
  const sender = await open({})
  sender.send('x', bound.address, bound.port, undefined)
  await vi.waitFor(() => expect(told).toHaveBeenCalled())
  expect(told.mock.lastCall![0]).toMatchObject({ message: 'recvmmsg EIO', code: 'EIO', syscall: 'recvmmsg' })
})

it('an error that waits in the socket is told, and what comes after it is received', async () => {
  const [IPPROTO_IP, IP_RECVERR] = [0, 11]
  const failed = vi.fn()
  const texts: string[] = []
  const { bound, fd } = await open({}, { failed, datagram: (bytes) => void texts.push(bytes.toString()) })
  const sender = await open({})
  // Nobody listens on port 9: the kernel says so to a socket that asks for it.
  libc.setsockopt(fd, IPPROTO_IP, IP_RECVERR, Int32Array.of(1), 4)
  const name = Int32Array.of(2 | (9 << 24), 0x0100007f, 0, 0)
  const header = new BigUint64Array([libc.addressOf(name), 16n, 0n, 0n, 0n, 0n, 0n, 0n])
  libc.sendmmsg(fd, new Uint32Array(header.buffer), 1, 0)
  libc.setsockopt(fd, IPPROTO_IP, IP_RECVERR, Int32Array.of(0), 4)
  await vi.waitFor(() => expect(failed).toHaveBeenCalledOnce())
  expect(failed.mock.lastCall![0]).toMatchObject({ message: 'recvmmsg ECONNREFUSED' })
  sender.send('after it', bound.address, bound.port, undefined)
  await vi.waitFor(() => expect(texts).toEqual(['after it']))
})

it('what a receiver throws is thrown where nobody catches, and the datagrams behind it are received', async () => {
  const thrown: unknown[] = []
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => void thrown.push(error))
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException')
    for (const other of others) process.on('uncaughtException', other)
  })
  const texts: string[] = []
  const turnEnded = vi.fn(() => false)
  const datagram = (bytes: Buffer): void => {
    texts.push(bytes.toString())
    if (texts.length === 1) throw new Error('a bug')
  }
  const { bound } = await open({}, { datagram, turnEnded })
  const sender = await open({})
  for (const text of ['one', 'two', 'three']) sender.send(text, bound.address, bound.port, undefined)
  await vi.waitFor(() => expect(texts).toEqual(['one', 'two', 'three']))
  expect(turnEnded).toHaveBeenCalled()
  expect(thrown).toMatchObject([{ message: 'a bug' }])
})

it('what is to be sent waits for handlers of one turn, not of every later one', async () => {
  const { port, texts } = await peer()
  let turns = 0
  const turnEnded = (): boolean => {
    if (++turns < 40) sender.send('again', datagrams.bound.address, datagrams.bound.port, undefined)
    return true
  }
  const turnsWhenItCame: number[] = []
  const sender = await open({})
  const datagrams = await open(
    {
      sendmmsg: (fd, headers, count, flags) => {
        turnsWhenItCame.push(turns)
        return libc.sendmmsg(fd, headers, count, flags)
      },
    },
    { turnEnded },
  )
  sender.send('first', datagrams.bound.address, datagrams.bound.port, undefined)
  datagrams.send('answer', '127.0.0.1', port, undefined)
  await vi.waitFor(() => expect(texts).toEqual(['answer']))
  expect(turnsWhenItCame[0]).toBeLessThan(3)
})

it('a wake-up takes one call to receive and one to send, and sending at other times none to receive', async () => {
  const calls: string[] = []
  const counted = <Name extends 'recvmmsg' | 'sendmmsg'>(name: Name): Partial<Libc> => ({
    [name]: (...args: Parameters<Libc[Name]>) => {
      calls.push(name)
      return (libc[name] as (...args: unknown[]) => number)(...args)
    },
  })
  const { port, texts } = await peer()
  const datagram = (): void => answering.send('answer', '127.0.0.1', port, undefined)
  const answering = await open({ ...counted('recvmmsg'), ...counted('sendmmsg') }, { datagram })
  const sender = await open({})
  sender.send('question', answering.bound.address, answering.bound.port, undefined)
  await vi.waitFor(() => expect(texts).toEqual(['answer']))
  answering.send('by itself', '127.0.0.1', port, undefined)
  await vi.waitFor(() => expect(texts).toEqual(['answer', 'by itself']))
  expect(calls).toEqual(['recvmmsg', 'sendmmsg', 'sendmmsg'])
})
