/**
 * The peers of one test: each on a free loopback port and in a folder of its own. All end with the test, and a failing
 * test shows what they said.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Baresip } from './baresip.ts'
import type { Child } from './child.ts'
import { startKamailio } from './kamailio.ts'
import { MariaDb } from './mariadb.ts'
import { openPhone, type Phone } from './phone.ts'
import { freeTcpPort, freeUdpPort } from './ports.ts'
import { type Config, Signalbox } from './signalbox.ts'
import { finish, Sipp, type SippOptions, type SippStatistics, startUac, startUas, type UacOptions } from './sipp.ts'

/** How much of each peer's output a failing test shows. */
const SHOWN = 2_000

export type Place = Pick<SippOptions, 'address' | 'within' | 'flags' | 'isLoad'>
export type Load = Pick<UacOptions, 'calls' | 'rate' | 'service'> & Place & { port?: number }

/** Where a proxy listens. */
export interface Ports {
  port: number
  adminPort: number
}

export class Peers {
  readonly #root = mkdtempSync(join(tmpdir(), 'signalbox-interop-'))
  readonly #children: Child[] = []
  readonly #phones: Phone[] = []

  /** `scenario`: see SippOptions. */
  async uas(scenario: string, port: number, place: Place = {}): Promise<Sipp> {
    return this.#keep(await startUas({ scenario, port, folder: this.folder(basename(scenario)), ...place }))
  }

  /** Places the calls and waits for all of them to end. */
  async uac(scenario: string, target: number, load: Load): Promise<Sipp> {
    const { port = await freeUdpPort() } = load
    const uac = this.#keep(startUac({ scenario, target, ...load, port, folder: this.folder(basename(scenario)) }))
    await uac.exited
    return uac
  }

  /** `config` is a path; `target` is the port that it relays to; `defines` is what the config asks for beside them. */
  async kamailio(config: string, ports: { port: number; target: number }, defines: string[] = []): Promise<Child> {
    return this.#keep(await startKamailio({ config, ...ports, defines, folder: this.folder('kamailio') }))
  }

  mariadb(): Promise<MariaDb> {
    return MariaDb.start(this.folder('mariadb'), this.#children)
  }

  /** `proxy` is its outbound proxy's port. */
  async baresip(user: string, port: number, proxy: number, registers = 0): Promise<Baresip> {
    const controlPort = await freeTcpPort()
    return this.#keep(await Baresip.start({ user, port, controlPort, proxy, registers, folder: this.folder(user) }))
  }

  /** A proxy that takes calls. */
  async signalbox(routes: string, config: Config = {}, within: readonly string[] = []): Promise<Signalbox> {
    const ports = { port: await freeUdpPort(), adminPort: await freeTcpPort() }
    const proxy = this.launch(routes, ports, config, within)
    return proxy.ready(async () => (await proxy.readiness()) === 200)
  }

  /** A proxy that may or may not come up. */
  launch(routes: string, ports: Ports, config: Config = {}, within: readonly string[] = []): Signalbox {
    return this.#keep(new Signalbox({ routes, config, ...ports, within, folder: this.folder('project') }))
  }

  async phone(address?: string): Promise<Phone> {
    const phone = await openPhone(address)
    this.#phones.push(phone)
    return phone
  }

  /** A new folder that goes with the test. */
  folder(name: string): string {
    return mkdtempSync(join(this.#root, `${name}-`))
  }

  /** What the peers said, for the failure message. */
  describe(): string {
    return [...this.#children.map(describeChild), ...this.#phones.map(describePhone)].join('\n')
  }

  async close(): Promise<void> {
    for (const phone of this.#phones) phone.close()
    for (const child of this.#children) child.kill()
    await Promise.all(this.#children.map((child) => child.exited))
    rmSync(this.#root, { recursive: true })
  }

  #keep<T extends Child>(child: T): T {
    this.#children.push(child)
    return child
  }
}

/** To be called within a test. */
export function openPeers(): Peers {
  const peers = new Peers()
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(peers.describe())
    await peers.close()
  })
  return peers
}

/** What both sides of a SIPp pair counted. */
export async function outcome(uac: Sipp, uas: Sipp): Promise<{ uac: SippStatistics; uas: SippStatistics }> {
  return { uac: uac.statistics(), uas: await finish(uas) }
}

function describeChild(child: Child): string {
  const unexpected = child instanceof Sipp ? child.errors() : ''
  return `--- ${child.name}\n${child.output.slice(-SHOWN)}\n${unexpected.slice(0, SHOWN)}`
}

function describePhone({ port, received }: Phone): string {
  return `--- phone on ${port} received\n${received.join('\n').slice(-SHOWN)}`
}
