/** SIPp as caller and callee: how it is started, how it is asked to end, and what its own statistics say. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
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
  /** A file of `sipp/`, without `.xml`. */
  scenario: string
  port: number
  /** An empty folder of its own. */
  folder: string
}

export interface UacOptions extends SippOptions {
  /** The port on 127.0.0.1 that the calls go to. */
  target: number
  calls: number
  /** Calls per second. */
  rate: number
  /** Who is called: the user part of the Request-URI. */
  service?: string
}

export class Sipp extends Child {
  readonly #folder: string

  constructor(name: string, { scenario, port, folder }: SippOptions, args: readonly string[]) {
    const own = ['-sf', join(scenarios, `${scenario}.xml`), '-i', '127.0.0.1', '-p', String(port)]
    super(name, ['sipp', ...own, ...args, ...traces, '-nostdin', '-timer_resol', '1'], { cwd: folder })
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

  /** What SIPp thought unexpected. */
  errors(): string {
    return this.#read('errors.log')
  }

  #read(file: string): string {
    const path = join(this.#folder, file)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }
}

const traces = [
  ['-trace_stat', '-stf', 'stat.csv'],
  ['-trace_msg', '-message_file', 'messages.log'],
  ['-trace_logs', '-log_file', 'actions.log'],
  ['-trace_err', '-error_file', 'errors.log'],
].flat()

/** A callee, ready to be called. */
export function startUas(options: SippOptions): Promise<Sipp> {
  return new Sipp(`uas ${options.scenario}`, options, []).ready(() => isUdpOpen(options.port))
}

/** A caller, at work. It ends by itself when all calls have ended. */
export function startUac({ target, calls, rate, service = 'service', ...options }: UacOptions): Sipp {
  const load = ['-m', String(calls), '-r', String(rate), '-s', service, '-timeout', '60s', '-timeout_error']
  return new Sipp(`uac ${options.scenario}`, options, [`127.0.0.1:${target}`, ...load])
}

/** Lets the calls in progress end, then SIPp (SIGUSR1); with SIGTERM it ends at once. It writes its statistics either way. */
export async function finish(sipp: Sipp): Promise<SippStatistics> {
  await sipp.stop(['SIGUSR1', 'SIGTERM'])
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
