/** Datagrams between workers, on real loopback sockets of both kinds. */
import dgram from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { HandOver } from './hand-over.ts'
import { loadLibc } from './libc.ts'

interface Worker {
  handOver: HandOver
  /** Text, address, port and index of what came, and `end` for the end of a turn. */
  events: unknown[]
  came(): unknown[]
}

async function open(): Promise<Worker> {
  const events: unknown[] = []
  const handOver = await HandOver.open(
    { sockets: 2, onTurn: () => events.push('end') },
    (bytes, ...from) => events.push([bytes.toString('latin1'), ...from]),
    (error) => {
      throw error
    },
  )
  onTestFinished(() => handOver.close().catch(() => undefined))
  return { handOver, events, came: () => events.filter((event) => event !== 'end') }
}

/** Workers that know each other. */
async function openAll(count: number): Promise<Worker[]> {
  const all = await Promise.all(Array.from({ length: count }, open))
  for (const { handOver } of all) handOver.setPeers(all.map((each) => each.handOver.port))
  return all
}

/** Anyone on this machine. */
async function stranger(port: number, bytes: Buffer, address = '127.0.0.1'): Promise<void> {
  const socket = dgram.createSocket('udp4').bind(0, address)
  onTestFinished(() => void socket.close())
  await once(socket, 'listening')
  socket.send(bytes, port, '127.0.0.1')
}

const framed = (index: number, addressLength: number, rest: string) =>
  Buffer.from(`\0${String.fromCharCode(index)}\x13\xc4${String.fromCharCode(addressLength)}${rest}`, 'latin1')

describe.each(['batched', 'dgram'])('%s', (kind) => {
  beforeEach(async ({ skip }) => {
    const libc = await loadLibc()
    if (kind === 'batched' && typeof libc === 'string') skip(libc)
    vi.stubEnv('SIGNALBOX_SOCKET', kind)
  })
  afterEach(() => void vi.unstubAllEnvs())

  it.each([
    ['IPv4', '192.0.2.7', 5060],
    ['IPv6', '2001:db8:1111:2222:3333:4444:5555:6666', 65_535],
    ['IPv6 with its zone', 'fe80::1%enp0s31f6', 1],
  ])('every byte comes as it was, with the source and the socket it had: %s', async (_, address, port) => {
    const [a, b] = (await openAll(2)) as [Worker, Worker]
    const bytes = Buffer.from(Array.from({ length: 256 }, (_each, i) => i))
    a.handOver.send(1, bytes, 1, address, port)
    a.handOver.send(1, Buffer.alloc(0), 0, address, port)
    await vi.waitFor(() => expect(b.came()).toHaveLength(2))
    expect(b.came()).toEqual([
      [bytes.toString('latin1'), address, port, 1],
      ['', address, port, 0],
    ])
    expect([a.handOver.counts.sent, b.handOver.counts.received]).toEqual([2, 2])
  })

  it('bytes are taken when they are handed over: the memory may be another’s afterwards', async () => {
    const [a, b] = (await openAll(2)) as [Worker, Worker]
    const bytes = Buffer.from('before')
    a.handOver.send(1, bytes, 0, '192.0.2.7', 5060)
    bytes.write('after!')
    await vi.waitFor(() => expect(b.came()).toEqual([['before', '192.0.2.7', 5060, 0]]))
  })

  it('many keep their order, and the turn ends behind the last', async () => {
    const [, b, c] = (await openAll(3)) as [Worker, Worker, Worker]
    const texts = Array.from({ length: 200 }, (_, i) => `message ${i}`)
    for (const text of texts) b.handOver.send(2, Buffer.from(text), 0, '192.0.2.7', 5060)
    await vi.waitFor(() => expect(c.came()).toHaveLength(200))
    expect(c.came()).toEqual(texts.map((text) => [text, '192.0.2.7', 5060, 0]))
    await vi.waitFor(() => expect(c.events.at(-1)).toBe('end'))
    expect(c.events[0]).not.toBe('end')
  })

  it('one for a worker that is away, or that there never was, is dropped and counted', async () => {
    const [a, b] = (await openAll(2)) as [Worker, Worker]
    a.handOver.setPeers([a.handOver.port, undefined])
    a.handOver.send(1, Buffer.from('x'), 0, '192.0.2.7', 5060)
    a.handOver.send(7, Buffer.from('x'), 0, '192.0.2.7', 5060)
    a.handOver.setPeers([a.handOver.port, b.handOver.port])
    a.handOver.send(1, Buffer.from('back'), 0, '192.0.2.7', 5060)
    await vi.waitFor(() => expect(b.came()).toEqual([['back', '192.0.2.7', 5060, 0]]))
    expect(a.handOver.counts).toMatchObject({ no_peer: 2, sent: 1 })
  })

  it('one that has no room for where it came from is dropped and counted', async () => {
    const [a, b] = (await openAll(2)) as [Worker, Worker]
    const most = 65_507 - 5 - '192.0.2.7'.length
    a.handOver.send(1, Buffer.alloc(most + 1, 'x'), 0, '192.0.2.7', 5060)
    a.handOver.send(1, Buffer.alloc(most, 'x'), 0, '192.0.2.7', 5060)
    await vi.waitFor(() => expect(b.came()).toEqual([['x'.repeat(most), '192.0.2.7', 5060, 0]]))
    expect(a.handOver.counts).toMatchObject({ too_large: 1, sent: 1, failed: 0 })
  })

  describe('is refused and counted', () => {
    async function refused(act: (b: Worker, a: Worker) => unknown): Promise<void> {
      const [a, b] = (await openAll(2)) as [Worker, Worker]
      await act(b, a)
      await vi.waitFor(() => expect(b.handOver.counts.refused).toBe(1))
      expect([b.came(), b.handOver.counts.received]).toEqual([[], 0])
    }

    it('what comes from a socket that is no worker’s', () =>
      refused((b) => stranger(b.handOver.port, framed(0, 0, 'x'))))

    it('what comes from a worker’s port at another address', () =>
      refused(async (b) => {
        const other = dgram.createSocket('udp4').bind(0, '127.0.0.2')
        onTestFinished(() => void other.close())
        await once(other, 'listening')
        b.handOver.setPeers([other.address().port])
        other.send(framed(0, 0, 'x'), b.handOver.port, '127.0.0.1')
      }))

    it('what comes from a worker that has gone', () =>
      refused((b, a) => {
        b.handOver.setPeers([undefined, b.handOver.port])
        a.handOver.send(1, Buffer.from('x'), 0, '192.0.2.7', 5060)
      }))

    it.each([
      ['nothing', Buffer.alloc(0)],
      ['less than it begins with', framed(0, 0, '').subarray(0, 4)],
      ['an address that is longer than all of it', framed(0, 2, 'x')],
      ['a socket that there is not', framed(2, 1, '1x')],
    ])('what a worker’s port sends, if it says %s', (_, bytes) =>
      refused(async (b) => {
        const peer = dgram.createSocket('udp4').bind(0, '127.0.0.1')
        onTestFinished(() => void peer.close())
        await once(peer, 'listening')
        b.handOver.setPeers([peer.address().port, b.handOver.port])
        peer.send(bytes, b.handOver.port, '127.0.0.1')
      }),
    )
  })

  it('one that the kernel does not take is counted', async () => {
    const [a] = (await openAll(2)) as [Worker, Worker]
    a.handOver.setPeers([a.handOver.port, 0])
    a.handOver.send(1, Buffer.from('x'), 0, '192.0.2.7', 5060)
    await vi.waitFor(() => expect(a.handOver.counts).toMatchObject({ failed: 1, sent: 0 }))
  })

  it('what was handed over before it is closed arrives', async () => {
    const [a, b] = (await openAll(2)) as [Worker, Worker]
    a.handOver.send(1, Buffer.from('goodbye'), 0, '192.0.2.7', 5060)
    await a.handOver.close()
    await vi.waitFor(() => expect(b.came()).toEqual([['goodbye', '192.0.2.7', 5060, 0]]))
  })
})
