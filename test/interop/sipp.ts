/** SIPp as caller and callee: how it is started, how it is asked to end, and what its own statistics say. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Child } from './child.ts'
import { isUdpOpen } from './ports.ts'
import { parseTrace, type TracedMessage } from './sipp-trace.ts'

const scenarios = join(import.meta.dirname, 'sipp')

/** Counters of the whole run, from the last line of SIPp's statistics file. */
export interface SippStatistics {
  successful: number
  failed: number
  retransmissions: number
  /** Why calls failed: SIPp's names of the counters that are not zero. */
  reasons: Record<string, number>
}

export interface SippOptions {
  /** A file of `sipp/`, without `.xml`; or the path of one. */
  scenario: string
  port: number
  /** An empty folder of its own. */
  folder: string
  /** 127.0.0.1, or an address of the other family. */
  address?: string
  /** What runs it somewhere else: the start of the command line. */
  within?: readonly string[]
  /** Flags of SIPp's own. */
  flags?: readonly string[]
  /** For thousands of calls a second: response times are kept, messages are not. */
  isLoad?: boolean
}

export interface UacOptions extends SippOptions {
  /** The port that the calls go to, on the address they come from. */
  target: number
  calls: number
  /** Calls per second. */
  rate: number
  /** Who is called: the user part of the Request-URI. */
  service?: string
}

export class Sipp extends Child {
  readonly #folder: string

  constructor(name: string, { scenario, port, folder, ...options }: SippOptions, args: readonly string[]) {
    const { address = '127.0.0.1', within = [], flags = [], isLoad = false } = options
    const own = ['-sf', resolve(scenarios, `${scenario}.xml`), '-i', address, '-p', String(port)]
    const kept = isLoad ? times : traces
    const command = [...within, 'sipp', ...own, ...args, ...kept, ...common, ...flags]
    super(name, command, { cwd: folder })
    this.#folder = folder
  }

  statistics(): SippStatistics {
    return parseStatistics(this.#read('stat.csv'))
  }

  /** Every message this side sent and received, in order. */
  messages(): TracedMessage[] {
    return parseTrace(this.#read('messages.log'))
  }

  /** What the scenario's `log` actions wrote. */
  log(): string {
    return this.#read('actions.log')
  }

  /** Milliseconds from each INVITE to its 200, shortest first. */
  responseTimes(): number[] {
    const file = readdirSync(this.#folder).find((name) => name.endsWith('_rtt.csv')) ?? ''
    const rows = this.#read(file).split('\n').slice(1).filter(Boolean)
    return rows.map((row) => Number(row.split(';')[1])).toSorted((a, b) => a - b)
  }

  /** What SIPp thought unexpected. */
  errors(): string {
    return this.#read('errors.log')
  }

  #read(file: string): string {
    const path = join(this.#folder, file)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }
}

const common = [
  ['-trace_stat', '-stf', 'stat.csv'],
  ['-trace_err', '-error_file', 'errors.log'],
  ['-nostdin', '-timer_resol', '1'],
].flat()

const traces = [
  ['-trace_msg', '-message_file', 'messages.log'],
  ['-trace_logs', '-log_file', 'actions.log'],
].flat()

const times = ['-trace_rtt', '-rtt_freq', '1', '-buff_size', '4194304']

/** A callee, ready to be called. */
export function startUas(options: SippOptions): Promise<Sipp> {
  const uas = new Sipp(`uas ${options.scenario}`, options, [])
  return uas.ready(() => isUdpOpen(options.port, uas.pid))
}

/** A caller, at work. It ends by itself when all calls have ended. */
export function startUac({ target, calls, rate, service = 'service', ...options }: UacOptions): Sipp {
  const { address = '127.0.0.1' } = options
  const load = ['-m', String(calls), '-r', String(rate), '-s', service, '-timeout', '60s', '-timeout_error']
  return new Sipp(`uac ${options.scenario}`, options, [`${address}:${target}`, ...load])
}

/** Lets the calls in progress end, then SIPp (SIGUSR1); with SIGTERM it ends at once. It writes its statistics either way. */
export async function finish(sipp: Sipp, patience?: number): Promise<SippStatistics> {
  await sipp.stop(['SIGUSR1', 'SIGTERM'], patience)
  return sipp.statistics()
}

function parseStatistics(csv: string): SippStatistics {
  const lines = csv.trimEnd().split('\n')
  const names = lines[0]?.split(';') ?? []
  const values = lines.at(-1)?.split(';') ?? []
  const total = new Map(names.map((name, index) => [name, Number(values[index])]))
  const reasons = [...total].filter(([name, value]) => /^Failed(?!Call).*\(C\)$/.test(name) && value > 0)
  return {
    successful: total.get('SuccessfulCall(C)') ?? Number.NaN,
    failed: total.get('FailedCall(C)') ?? Number.NaN,
    retransmissions: total.get('Retransmissions(C)') ?? Number.NaN,
    reasons: Object.fromEntries(reasons),
  }
}
