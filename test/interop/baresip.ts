/**
 * baresip as a phone: a real user agent with media, told what to do and telling what happened over its control port (netstrings of JSON). It
 * sends a tone, keeps what it hears in a file, and reaches everybody through its outbound proxy.
 */
import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { Child } from './child.ts'
import { isUdpOpen } from './ports.ts'
import { until } from './wait.ts'

export interface BaresipOptions {
  user: string
  port: number
  controlPort: number
  /** The proxy's port on 127.0.0.1. */
  proxy: number
  /** An empty folder of its own. */
  folder: string
  /** Registers for that many seconds; 0 does not. */
  registers?: number
}

/** What baresip calls its events: `CALL_ESTABLISHED`, `CALL_RTPESTAB`, `CALL_CLOSED` … */
interface BaresipEvent {
  event?: boolean
  type?: string
}

export class Baresip extends Child {
  readonly user: string
  readonly port: number
  readonly #controlPort: number
  readonly #events: BaresipEvent[] = []
  #control: Socket | undefined

  private constructor({ user, port, controlPort, proxy, folder, registers = 0 }: BaresipOptions) {
    writeFileSync(join(folder, 'config'), config(folder, port, controlPort))
    writeFileSync(join(folder, 'accounts'), account(user, proxy, registers))
    writeFileSync(join(folder, 'contacts'), '')
    super(`baresip ${user}`, ['baresip', '-f', folder, '-4', '-v', '-s'], { cwd: folder })
    this.user = user
    this.port = port
    this.#controlPort = controlPort
  }

  static async start(options: BaresipOptions): Promise<Baresip> {
    const phone = await new Baresip(options).ready(() => isUdpOpen(options.port))
    phone.#control = await until('baresip takes commands', () => dial(phone.#controlPort))
    phone.#control.on(
      'data',
      netstrings((text) => phone.#events.push(JSON.parse(text) as BaresipEvent)),
    )
    return phone
  }

  /** `dial sip:bob@127.0.0.1`, `hangup`. */
  command(command: string, params = ''): void {
    const text = JSON.stringify({ command, params })
    this.#control?.write(`${Buffer.byteLength(text)}:${text},`)
  }

  /** Resolves once this event has come. */
  async event(type: string): Promise<void> {
    await until(`${this.user}: ${type}`, () =>
      this.#events.some((event) => event.event === true && event.type === type),
    )
  }

  override kill(): void {
    this.#control?.destroy()
    super.kill()
  }
}

/** A connection, or nothing while nobody listens. */
function dial(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', () => resolve(undefined))
  })
}

/** `5:hello,` → `hello`, however the stream is cut. */
function netstrings(take: (text: string) => void): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0)
  return (chunk) => {
    pending = Buffer.concat([pending, chunk])
    for (;;) {
      const colon = pending.indexOf(':')
      const end = colon + 1 + Number(pending.toString('latin1', 0, Math.max(colon, 0)))
      if (colon < 0 || pending.length <= end) return
      take(pending.toString('utf8', colon + 1, end))
      pending = pending.subarray(end + 1)
    }
  }
}

function account(user: string, proxy: number, registers: number): string {
  const params = [
    `regint=${registers}`,
    'answermode=auto',
    'audio_codecs=pcmu,pcma',
    `outbound="sip:127.0.0.1:${proxy}"`,
  ]
  return `<sip:${user}@127.0.0.1>;${params.join(';')}\n`
}

function config(folder: string, port: number, controlPort: number): string {
  const modules = ['g711', 'ausine', 'aufile', 'account', 'menu', 'ctrl_tcp', 'uuid']
  return [
    'poll_method epoll',
    `sip_listen 127.0.0.1:${port}`,
    'sip_trans_def udp',
    'audio_source ausine,440',
    `audio_player aufile,${folder}/heard.wav`,
    `audio_alert aufile,${folder}/alert.wav`,
    'ausrc_srate 48000',
    'auplay_srate 48000',
    'ausrc_channels 2',
    'auplay_channels 1',
    'module_path /usr/lib/baresip/modules',
    ...modules.map((name) => `module ${name}.so`),
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    '',
  ].join('\n')
}
