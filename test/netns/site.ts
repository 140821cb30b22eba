/**
 * A place behind a bad line: a network namespace in which phones call 127.0.0.1 and the proxy's port, as they would without it. A mirror of
 * the proxy listens there, mirrors of the phones listen here, and the line is between them; so every address in every message is the real
 * one at both ends. The namespace belongs to the mirror's process and goes with it, whatever happens.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { settledWithin } from '../interop/wait.ts'
import type { Line } from './line.ts'

const mirror = join(import.meta.dirname, 'mirror.mjs')
const isRoot = process.getuid?.() === 0

interface Datagram {
  /** The phone's. */
  port: number
  bytes: Uint8Array
}

export interface SiteOptions {
  /** The proxy's port on 127.0.0.1. */
  proxy: number
  line: Line
}

export class Site {
  readonly #mirror: ChildProcess
  readonly #proxy: number
  readonly #line: Line
  readonly #phones = new Map<number, Socket>()

  private constructor(child: ChildProcess, { proxy, line }: SiteOptions) {
    this.#mirror = child
    this.#proxy = proxy
    this.#line = line
    child.on('message', (datagram: Datagram) => this.#toProxy(datagram))
  }

  /** Rejects with the kernel's words when there can be no namespace. */
  static async open(options: SiteOptions): Promise<Site> {
    const inside = `ip link set lo up && exec "${process.execPath}" "${mirror}" ${options.proxy}`
    const [program, ...args] = ['unshare', ...(isRoot ? [] : ['--map-root-user']), '--net', 'sh', '-c', inside]
    const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` }
    const child = spawn(program!, args, { env, serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    await readiness(child)
    return new Site(child, options)
  }

  /** What starts a program in there. */
  get within(): string[] {
    const user = isRoot ? [] : ['--user', '--preserve-credentials']
    return ['nsenter', `--target=${this.#mirror.pid}`, '--net', ...user]
  }

  /** Connects a phone that has this port in there. */
  async connect(port: number): Promise<void> {
    const socket = createSocket('udp4')
    socket.bind(port, '127.0.0.1')
    await once(socket, 'listening')
    socket.on('message', (bytes) => this.#line.carry(bytes, () => this.#toPhone({ port, bytes })))
    this.#phones.set(port, socket)
  }

  async close(): Promise<void> {
    this.#line.close()
    for (const socket of this.#phones.values()) socket.close()
    const exited = once(this.#mirror, 'exit')
    if (this.#mirror.connected) this.#mirror.disconnect()
    if (!(await settledWithin(exited, 2_000))) this.#mirror.kill('SIGKILL')
  }

  #toProxy({ port, bytes }: Datagram): void {
    this.#line.carry(bytes, () => this.#phones.get(port)?.send(bytes, this.#proxy, '127.0.0.1'))
  }

  #toPhone(datagram: Datagram): void {
    if (this.#mirror.connected) this.#mirror.send(datagram)
  }
}

function readiness(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: Buffer[] = []
    const refuse = (why: string): void => reject(new Error(`no network namespace for the test: ${why}`))
    child.stderr?.on('data', (chunk: Buffer) => said.push(chunk))
    child.once('message', () => resolve())
    child.once('error', ({ message }) => refuse(message))
    child.once('exit', () => refuse(Buffer.concat(said).toString().trim()))
  })
}
