/**
 * The same scenario over real UDP: the server as `signalbox start` runs it, the kit's phones and carriers on sockets of this machine, and real
 * time. What a simulation says of a call can be held against it.
 */
import path from 'node:path'
import type { Bundle } from '../build/bundle.ts'
import { parseDuration } from '../config/duration.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { Log } from '../log/log.ts'
import { randomPortion } from '../random.ts'
import type { Server, ServerObserver } from '../server.ts'
import { realClock } from '../timers/clock.ts'
import { UdpSocket } from '../transport/udp.ts'
import type { LocalSocket } from '../transport/flow.ts'
import type { Agent, AgentWorld } from './agent.ts'
import { hostPort } from './host-port.ts'
import { Journal } from './journal.ts'
import type { Net } from './net.ts'
import { routeBundle } from './route-bundle.ts'
import type { LogLine, ProxyUnderTest } from './simulate-options.ts'
import { Uac } from './uac.ts'
import { Uas, type Behaviour } from './uas.ts'

/** What `overUdp` takes: what `simulate` takes, as far as it means something in real time. */
export interface OverUdpOptions extends ProxyUnderTest {
  /** `database` of the config. Default `sqlite::memory:`. */
  database?: string
}

/**
 * Starts a real proxy with these routes, for a scenario that `simulate` runs too. Under vitest it is stopped when the test ends.
 *
 * On the wire: UDP on the addresses that are named, so they have to be free; every address in 127.0.0.0/8 is this machine's on Linux. Time is real:
 * shorten `timers.t1` (milliseconds) where a scenario waits for it. Nothing is checked for leaks. Rejects with `LISTEN`, `BUILD` or `CONFIG`.
 *
 * @example
 * const scenario = async (net: Net) => {
 *   net.uas('127.0.0.1:5090', answer(), 'carrier')
 *   const call = await net.uac('127.0.0.1:15060', 'phone').invite('sip:bob@127.0.0.1:5080')
 *   await net.until(call.bye())
 *   return net.sequence()
 * }
 * expect(await scenario(await overUdp())).toEqual(await scenario(await simulate()))
 */
export async function overUdp(options: OverUdpOptions = {}): Promise<Net> {
  const net = new UdpNet(options)
  await net.start(await configOf(options), options.bundle ?? (await routeBundle(options.routes)))
  const { VITEST } = process.env
  if (VITEST !== undefined) (await import('./when-test-ends.ts')).whenTestEnds(() => net.close())
  return net
}

class UdpNet implements Net {
  readonly proxyAddress: string
  readonly log: LogLine[] = []
  readonly #journal: Journal
  readonly #sockets: Promise<UdpSocket>[] = []
  #server: Server | undefined
  #phones = 0
  #closed: Promise<void> | undefined

  constructor(options: OverUdpOptions) {
    this.proxyAddress = hostPort(listenOf(options)).join(':')
    this.#journal = new Journal(this.proxyAddress, () => realClock.now())
  }

  async start(config: ResolvedConfig, bundle: Bundle): Promise<void> {
    // A simulation needs none of it.
    const { createServer } = await import('../server.ts')
    this.#server = await createServer({ config, bundle, observer: this.#observer(), log: this.#log() })
  }

  uas(address: string, behaviour: Behaviour, name?: string): Uas {
    return this.#opened(new Uas(this.#world(address), behaviour), name)
  }

  uac(address = `127.0.0.1:${15060 + this.#phones++}`, name?: string): Uac {
    return this.#opened(new Uac(this.#world(address), `sip:${this.proxyAddress}`), name)
  }

  async advance(duration: number | string): Promise<void> {
    await this.#ready()
    await new Promise((resolve) => setTimeout(resolve, parseDuration(duration)))
  }

  async until<T>(promise: Promise<T>): Promise<T> {
    await this.#ready()
    return promise
  }

  ladder(): string {
    return this.#journal.ladder()
  }

  transcript(): string {
    return this.#journal.transcript()
  }

  sequence(): Record<string, string[]> {
    return this.#journal.sequence()
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  async #close(): Promise<void> {
    await this.#server?.close()
    const opened = await Promise.allSettled(this.#sockets)
    for (const each of opened) if (each.status === 'fulfilled') await each.value.close()
  }

  /** Resolves once every socket is open. Rejects with `LISTEN`. */
  async #ready(): Promise<void> {
    await Promise.all(this.#sockets)
  }

  #world(address: string): AgentWorld {
    return { clock: realClock, open: (agent) => this.#open(agent, address) }
  }

  #open(agent: Agent, at: string): LocalSocket {
    const [host, port] = hostPort(at)
    const opening = UdpSocket.open(
      { host, port },
      (bytes, address, from) => agent.receive(bytes, address, from),
      (error) => this.log.push({ level: 'warn', message: `socket ${at}: ${error.message}`, callId: undefined }),
    )
    // Whoever waits for something hears of it.
    opening.catch(() => undefined)
    this.#sockets.push(opening)
    return {
      transport: 'udp',
      reliable: false,
      address: host,
      port,
      sentBy: () => `${host}:${port}`,
      // Not before whom it is for is there: what is sent to nobody comes a second later, and the sequence is another.
      send: (...message) =>
        void this.#ready().then(
          async () => (await opening).send(...message),
          () => undefined,
        ),
    }
  }

  #opened<A extends Agent>(agent: A, name: string | undefined): A {
    if (name !== undefined) this.#journal.names.set(agent.address, name)
    agent.journal = this.#journal
    agent.wait = (promise) => this.until(promise)
    return agent
  }

  /** What the proxy sees is what happened. */
  #observer(): ServerObserver {
    return {
      route: (event) => this.#journal.route(event),
      message: ({ direction, wire, address, port }) => {
        const peer = `${address}:${port}`
        const [from, to] = direction === 'in' ? [peer, this.proxyAddress] : [this.proxyAddress, peer]
        this.#journal.message({ from, to, wire })
      },
    }
  }

  #log(callId?: string): Log {
    const write = (level: LogLine['level']) => (message: string) => void this.log.push({ level, message, callId })
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      ofCall: (id) => this.#log(id),
      close: () => undefined,
      setLevel: () => undefined,
    }
  }
}

function listenOf({ listen = '127.0.0.1:5080' }: OverUdpOptions): string {
  return listen.replace(/^udp:/, '')
}

/** Checked as a config file's is. No variable of the environment counts, and no file of the project is written. */
async function configOf(options: OverUdpOptions): Promise<ResolvedConfig> {
  const { parseConfig } = await import('../config/config.ts')
  const { credentials, registration, uac, timers, limits, registrar, aliases, database = 'sqlite::memory:' } = options
  const raw = {
    listen: [`udp:${listenOf(options)}`],
    admin: { listen: '127.0.0.1:0' },
    database,
    timers,
    limits,
    registrar,
    aliases,
    uac: { restorePassword: randomPortion(16).toString('hex'), credentials, registration, ...uac },
  }
  return parseConfig(raw, path.resolve('signalbox.config.ts'), {})
}
