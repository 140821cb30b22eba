/** UDP on real loopback sockets. What is waited for is a datagram or an error, never a time. */
import { once } from 'node:events'
import dgram from 'node:dgram'
import { describe, expect, it, onTestFinished } from 'vitest'
import { UdpSocket, type UdpOptions } from './udp.ts'

interface Received {
  text: string
  address: string
  port: number
  socket: UdpSocket
}

interface Opened {
  socket: UdpSocket
  /** Resolves with the next datagram. */
  next(): Promise<Received>
}

async function open(options: Partial<UdpOptions> = {}): Promise<Opened> {
  const waiting: ((received: Received) => void)[] = []
  const early: Received[] = []
  const socket = await UdpSocket.open(
    { host: '127.0.0.1', port: 0, ...options },
    (bytes, address, port, on) => {
      const received = { text: bytes.toString('latin1'), address, port, socket: on }
      const wanted = waiting.shift()
      if (wanted === undefined) early.push(received)
      else wanted(received)
    },
    (error) => {
      throw error
    },
  )
  onTestFinished(() => socket.close().catch(() => undefined))
  return {
    socket,
    next: () => {
      const first = early.shift()
      return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first)
    },
  }
}

describe('sending', () => {
  it('brings every byte as it was, with where it came from', async () => {
    const [a, b] = [await open(), await open()]
    const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i))
    a.socket.send(bytes, '127.0.0.1', b.socket.port, undefined)
    const { text, address, port, socket } = await b.next()
    expect([text, address, port]).toEqual([bytes, '127.0.0.1', a.socket.port])
    expect(socket).toBe(b.socket)
  })

  it('RFC 3261 §18.1.1: brings a message of 65 507 bytes, and tells of one that is larger', async () => {
    const [a, b] = [await open(), await open()]
    a.socket.send('x'.repeat(65_507), '127.0.0.1', b.socket.port, undefined)
    expect((await b.next()).text).toHaveLength(65_507)
    const error = await new Promise<Error>((sendFailed) =>
      a.socket.send('x'.repeat(65_508), '127.0.0.1', b.socket.port, { sendFailed }),
    )
    expect(error).toMatchObject({ code: 'EMSGSIZE' })
  })

  it.each<[string, (opened: Opened) => Promise<void> | void]>([
    ['to port 0, which a Via may name', () => undefined],
    ['after the socket was closed', ({ socket }) => socket.close()],
  ])('RFC 3261 §18.4: an error is told later, not from inside the call: %s', async (_, prepare) => {
    const opened = await open()
    await prepare(opened)
    let isInside = true
    const error = new Promise<boolean>((resolve) =>
      opened.socket.send('x', '127.0.0.1', 0, { sendFailed: () => resolve(isInside) }),
    )
    isInside = false
    expect(await error).toBe(false)
    opened.socket.send('x', '127.0.0.1', 0, undefined)
  })

  it('is shown to who watches', async () => {
    const seen: unknown[] = []
    const socket = await UdpSocket.open(
      { host: '127.0.0.1', port: 0 },
      () => undefined,
      () => undefined,
      (...sent) => seen.push(sent),
    )
    onTestFinished(() => socket.close())
    socket.send('x', '127.0.0.1', 9, undefined)
    expect(seen).toEqual([['x', '127.0.0.1', 9]])
  })
})

describe('RFC 3261 §18.1.1: what stands in Via', () => {
  it('is the bound address', async () => {
    const { socket } = await open()
    expect(socket.sentBy('192.0.2.9')).toBe(`127.0.0.1:${socket.port}`)
    expect(socket.routes).toBeUndefined()
  })

  it('is the advertised one, bound to all or not', async () => {
    const advertise = { host: 'sip.example.com', port: 5070 }
    for (const host of ['127.0.0.1', '0.0.0.0']) {
      const { socket } = await open({ host, advertise })
      expect([socket.sentBy('192.0.2.9'), socket.routes]).toEqual(['sip.example.com:5070', undefined])
    }
  })

  it('is the one that routes to the peer, when bound to all', async () => {
    const { socket } = await open({ host: '0.0.0.0' })
    await socket.routes!.learn('127.0.0.1')
    expect(socket.sentBy('127.0.0.1')).toBe(`127.0.0.1:${socket.port}`)
  })

  it('has brackets around an IPv6 address', async () => {
    for (const host of ['::1', '[::1]']) {
      const { socket } = await open({ host })
      expect(socket.sentBy('2001:db8::9')).toBe(`[::1]:${socket.port}`)
    }
    const { socket } = await open({ advertise: { host: '2001:db8::7', port: 5070 } })
    expect(socket.sentBy('2001:db8::9')).toBe('[2001:db8::7]:5070')
  })
})

describe('a socket that cannot be opened is LISTEN, with how to mend it', () => {
  it('a port in use', async () => {
    const { socket } = await open()
    await expect(open({ port: socket.port })).rejects.toMatchObject({
      name: 'SignalboxError',
      code: 'LISTEN',
      problems: [
        {
          text: `cannot listen on udp:127.0.0.1:${socket.port}: EADDRINUSE`,
          hint: 'another process has this port: stop it, or set listen (or SIGNALBOX_LISTEN) to another one',
        },
      ],
    })
  })

  it('a port that another program has, which does not listen exclusively', async () => {
    const other = dgram.createSocket('udp4').bind(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    await expect(open({ port: other.address().port })).rejects.toMatchObject({ code: 'LISTEN' })
  })

  it.each([
    ['192.0.2.77', 'udp:192.0.2.77:0'],
    ['2001:db8::77', 'udp:[2001:db8::77]:0'],
  ])('an address that is not this machine’s: %s', async (host, at) => {
    await expect(open({ host })).rejects.toMatchObject({
      code: 'LISTEN',
      problems: [
        { text: `cannot listen on ${at}: EADDRNOTAVAIL`, hint: expect.stringContaining('no interface') as string },
      ],
    })
  })

  it('leaves nothing open: the port is free afterwards', async () => {
    const { socket } = await open()
    const { port } = socket
    await expect(open({ port })).rejects.toMatchObject({ code: 'LISTEN' })
    await socket.close()
    expect((await open({ port })).socket.port).toBe(port)
  })
})
