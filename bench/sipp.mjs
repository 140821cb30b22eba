/** The load: SIPp as callee and caller on core 1, and its own count of what happened. */
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cpuTime, isUdpOpen, LOAD_CORE, ready, start } from './process.mjs'

export function startUas({ scenario, port, folder, name = 'uas' }) {
  const uas = start(name, sipp({ name, scenario, port }), { core: LOAD_CORE, folder })
  return ready(uas, () => isUdpOpen(port))
}

/**
 * Places `calls` calls at a fixed rate and resolves, when the last has ended, with SIPp's statistics and its own CPU time:
 * what it had used when we last looked, since an ended process no longer says. `service` is whom they call, `flags` are SIPp's own.
 */
export async function call({ name, scenario, port, target, calls, rate, folder, service = 'service', flags = [] }) {
  const load = [`127.0.0.1:${target}`, '-s', service, '-m', String(calls), '-r', String(rate), '-l', String(calls)]
  const limit = ['-timeout', String(Math.ceil(calls / rate) + 40)]
  const command = [...sipp({ name, scenario, port }), ...load, ...limit, ...flags]
  const uac = start(name, command, { core: LOAD_CORE, folder })
  let cpu = 0
  const looking = setInterval(() => (cpu = Math.max(cpu, cpuTime(uac.pid))), 250)
  await once(uac, 'exit')
  clearInterval(looking)
  return { ...statistics(name, folder), cpu, pid: uac.pid }
}

const nothing = { completed: 0, failed: 0, retransmissions: 0 }

/** The last line of SIPp's statistics file, which is written every second and at the end. */
export function statistics(name, folder) {
  const file = join(folder, `${name}.csv`)
  return existsSync(file) ? parseStatistics(readFileSync(file, 'utf8')) : nothing
}

/** While SIPp writes, the last line may not be whole: then the one before. */
export function parseStatistics(text) {
  const [head, ...lines] = text.split('\n')
  const names = head.split(';')
  const values = lines.map((line) => line.split(';')).findLast((line) => line.length >= names.length)
  if (values === undefined) return nothing
  const total = (column) => Number(values[names.indexOf(`${column}(C)`)])
  return { completed: total('SuccessfulCall'), failed: total('FailedCall'), retransmissions: total('Retransmissions') }
}

function sipp({ name, scenario, port }) {
  const file = join(import.meta.dirname, 'sipp', `${scenario}.xml`)
  const quiet = ['-nostdin', '-default_behaviors', 'all,-abortunexp', '-buff_size', '4194304']
  const own = ['-sf', file, '-i', '127.0.0.1', '-p', String(port), ...quiet]
  return ['sipp', ...own, '-trace_stat', '-stf', `${name}.csv`, '-fd', '1']
}
