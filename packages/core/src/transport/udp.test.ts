/** UDP on real loopback sockets, of both kinds. What is waited for is a datagram or an error, never a time. */
import { once } from 'node:events'
import dgram from 'node:dgram'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { loadLibc } from './libc.ts'
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

async function open(options: Partial<UdpOptions> = {}, heard?: (text: string) => void): Promise<Opened> {
  const waiting: ((received: Received) => void)[] = []
  const early: Received[] = []
  const socket = await UdpSocket.open(
    { host: '127.0.0.1', port: 0, ...options },
    (bytes, address, port, on) => {
      const received = { text: bytes.toString('latin1'), address, port, socket: on }
      heard?.(received.text)
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

describe.each(['batched', 'dgram'])('%s', (kind) => {
  beforeEach(async ({ skip }) => {
    const libc = await loadLibc()
    if (kind === 'batched' && typeof libc === 'string') skip(libc)
    vi.stubEnv('SIGNALBOX_SOCKET', kind)
  })
  afterEach(() => void vi.unstubAllEnvs())

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

    it('keeps the order of many, which all leave by the end of the turn', async () => {
      const [a, b] = [await open(), await open()]
      const texts = Array.from({ length: 200 }, (_, i) => `message ${i}`)
      for (const text of texts) a.socket.send(text, '127.0.0.1', b.socket.port, undefined)
      const received: string[] = []
      while (received.length < texts.length) received.push((await b.next()).text)
      expect(received).toEqual(texts)
    })

    it('RFC 3261 §18.4: one that cannot be sent takes no other with it', async () => {
      const [a, b] = [await open(), await open()]
      const failed: unknown[] = []
      const send = (text: string, port: number, address = '127.0.0.1') =>
        a.socket.send(text, address, port, { sendFailed: (error) => failed.push(error) })
      send('first', b.socket.port)
      send('x', 0)
      send('x'.repeat(65_508), b.socket.port)
      send('x', 70_000)
      send('x', b.socket.port, '::1')
      send('last', b.socket.port)
      expect([(await b.next()).text, (await b.next()).text]).toEqual(['first', 'last'])
      await vi.waitFor(() => expect(failed).toHaveLength(4))
      expect(failed).toContainEqual(
        expect.objectContaining({
          message: `send EMSGSIZE 127.0.0.1:${b.socket.port}`,
          code: 'EMSGSIZE',
          syscall: 'send',
          address: '127.0.0.1',
          port: b.socket.port,
        }),
      )
    })

    it('what was sent before it is closed arrives', async () => {
      const [a, b] = [await open(), await open()]
      a.socket.send('goodbye', '127.0.0.1', b.socket.port, undefined)
      await a.socket.close()
      expect((await b.next()).text).toBe('goodbye')
    })

    it('goes between IPv6 addresses, and says where it came from', async () => {
      const [a, b] = [await open({ host: '::1' }), await open({ host: '::' })]
      for (const text of ['one', 'two']) a.socket.send(text, '::1', b.socket.port, undefined)
      expect(await b.next()).toMatchObject({ text: 'one', address: '::1', port: a.socket.port })
      expect(await b.next()).toMatchObject({ text: 'two', address: '::1', port: a.socket.port })
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

  describe('receiving', () => {
    it('lets others have their turn while datagrams keep coming', async () => {
      let inOneTurn = 0
      let most = 0
      const all = new Promise<void>((resolve) => {
        let left = 400
        void open({}, () => {
          if (inOneTurn++ === 0) void nextTurn().then(() => (inOneTurn = 0))
          most = Math.max(most, inOneTurn)
          if (--left === 0) resolve()
        }).then(async (b) => {
          const a = await open()
          for (let i = 0; i < 400; i++) a.socket.send('x', '127.0.0.1', b.socket.port, undefined)
        })
      })
      await all
      expect(most).toBeLessThan(200)
    })

    it('tells the end of a turn when its datagrams were handled, and what was sent by then is on its way', async () => {
      const events: string[] = []
      const a = await open()
      const b: Opened = await open(
        {
          onTurn: () => {
            events.push('end')
            b.socket.send('from the end', '127.0.0.1', a.socket.port, undefined)
            return false
          },
        },
        (text) => void events.push(text),
      )
      for (const text of ['1', '2', '3']) a.socket.send(text, '127.0.0.1', b.socket.port, undefined)
      expect((await a.next()).text).toBe('from the end')
      await vi.waitFor(() => expect(events.filter((event) => event !== 'end')).toEqual(['1', '2', '3']))
      expect(events.at(-1)).toBe('end')
      expect(events[0]).toBe('1')
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

  describe('shared', () => {
    it('each datagram comes to one of those that share the port, by its source', async () => {
      const [port = 0] = await UdpSocket.probe([{ host: '127.0.0.1', port: 0 }])
      const heard: string[][] = [[], []]
      for (const each of heard) await open({ port, shared: true }, (text) => void each.push(text))
      const senders = await Promise.all(Array.from({ length: 40 }, () => open()))
      for (const round of [1, 2, 3])
        for (const [i, { socket }] of senders.entries()) socket.send(`${i} ${round}`, '127.0.0.1', port, undefined)
      await vi.waitFor(() => expect(heard.flat()).toHaveLength(120))
      const sources = heard.map((texts) => new Set(texts.map((text) => text.split(' ')[0])))
      expect(sources.map(({ size }) => size > 0)).toEqual([true, true])
      expect(sources[0]!.size + sources[1]!.size).toBe(40)
    })

    it('goes on with those that are left', async () => {
      const [port = 0] = await UdpSocket.probe([{ host: '127.0.0.1', port: 0 }])
      const [one, other, sender] = [
        await open({ port, shared: true }),
        await open({ port, shared: true }),
        await open(),
      ]
      await one.socket.close()
      sender.socket.send('x', '127.0.0.1', port, undefined)
      expect((await other.next()).text).toBe('x')
    })

    it('between IPv6 addresses, too', async () => {
      const [port = 0] = await UdpSocket.probe([{ host: '[::1]', port: 0 }])
      const all = [await open({ host: '::1', port, shared: true }), await open({ host: '::1', port, shared: true })]
      all[0]!.socket.send('x', '::1', port, undefined)
      expect(await Promise.race(all.map((each) => each.next()))).toMatchObject({ text: 'x', address: '::1', port })
    })

    it('tells what is queued for it, not for others', async () => {
      const [port = 0] = await UdpSocket.probe([{ host: '127.0.0.1', port: 0 }])
      const [one, other] = [await open({ port, shared: true }), await open({ port, shared: true })]
      const sender = await open()
      for (const _ of Array(5)) sender.socket.send('x', '127.0.0.1', port, undefined)
      // Behind those that sends wait for, before anything is received.
      const queued = await new Promise<number[]>((resolve) =>
        setImmediate(() => resolve([one.socket.queued(), other.socket.queued()])),
      )
      expect(queued.sort((a, b) => a - b)).toEqual([0, expect.any(Number)])
      expect(queued[1]).toBeGreaterThan(0)
    })

    it('a port that another program has is LISTEN', async () => {
      const { socket } = await open()
      await expect(open({ port: socket.port, shared: true })).rejects.toMatchObject({ code: 'LISTEN' })
      await expect(UdpSocket.probe([{ host: '127.0.0.1', port: socket.port }])).rejects.toMatchObject({
        code: 'LISTEN',
      })
    })

    it('a port that another program shares is LISTEN for the probe, and its own is for nobody who does not share', async () => {
      const { socket } = await open({ shared: true })
      const text = `cannot listen on udp:127.0.0.1:${socket.port}: EADDRINUSE`
      const expected = { code: 'LISTEN', message: text }
      await expect(UdpSocket.probe([{ host: '127.0.0.1', port: socket.port }])).rejects.toMatchObject(expected)
      await expect(open({ port: socket.port })).rejects.toMatchObject(expected)
    })

    it('the probe leaves the port free', async () => {
      const [port = 0] = await UdpSocket.probe([{ host: '127.0.0.1', port: 0 }])
      expect(await UdpSocket.probe([{ host: '127.0.0.1', port }])).toEqual([port])
    })

    it('addresses of ours that take in each other are LISTEN, as where nothing is shared', async () => {
      const [port = 0] = await UdpSocket.probe([{ host: '127.0.0.1', port: 0 }])
      const both = ['0.0.0.0', '127.0.0.1'].map((host) => ({ host, port }))
      await expect(UdpSocket.probe(both)).rejects.toMatchObject({ code: 'LISTEN' })
      expect(await UdpSocket.probe([{ host: '127.0.0.1', port }])).toEqual([port])
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

    it('a port of ours, for a program that shares its own with whoever does, too', async () => {
      const { socket } = await open()
      const other = dgram.createSocket({ type: 'udp4', reuseAddr: true }).bind(socket.port, '127.0.0.1')
      onTestFinished(() => void other.close())
      expect(await once(other, 'error')).toMatchObject([{ code: 'EADDRINUSE' }])
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
})

describe('SIGNALBOX_SOCKET', () => {
  afterEach(() => void vi.unstubAllEnvs())

  it.each(['batched', 'dgram'])('says how: %s', async (kind) => {
    vi.stubEnv('SIGNALBOX_SOCKET', kind)
    expect((await open()).socket.kind).toBe(kind)
  })

  it('unset, is in batches where they can be had', async () => {
    vi.stubEnv('SIGNALBOX_SOCKET', '')
    const libc = await loadLibc()
    expect((await open()).socket.kind).toBe(typeof libc === 'string' ? `dgram (${libc})` : 'batched')
  })

  it('is refused when it names no kind of socket', async () => {
    vi.stubEnv('SIGNALBOX_SOCKET', 'tcp')
    await expect(open()).rejects.toMatchObject({ code: 'CONFIG', message: 'SIGNALBOX_SOCKET: no kind of socket: tcp' })
  })
})
