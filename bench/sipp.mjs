/** The load: SIPp as callee and caller on core 1, and its own count of what happened. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cpuTime, isUdpOpen, LOAD_CORE, ready, start } from './process.mjs'

export function startUas({ scenario, port, folder }) {
  const uas = start('uas', sipp({ name: 'uas', scenario, port }), { core: LOAD_CORE, folder })
  return ready(uas, () => isUdpOpen(port))
}

/**
 * Places `calls` calls at a fixed rate and resolves, when the last has ended, with SIPp's statistics and its own CPU time:
 * what it had used when we last looked, since an ended process no longer says.
 */
export async function call({ name, scenario, port, target, calls, rate, folder }) {
  const load = [`127.0.0.1:${target}`, '-m', String(calls), '-r', String(rate), '-l', String(calls)]
  const limit = ['-timeout', String(Math.ceil(calls / rate) + 40)]
  const uac = start(name, [...sipp({ name, scenario, port }), ...load, ...limit], { core: LOAD_CORE, folder })
  let cpu = 0
  const looking = setInterval(() => (cpu = Math.max(cpu, cpuTime(uac.pid))), 250)
  await once(uac, 'exit')
  clearInterval(looking)
  return { ...statistics(name, folder), cpu }
}

/** The last line of SIPp's statistics file. */
export function statistics(name, folder) {
  const [head, ...lines] = readFileSync(join(folder, `${name}.csv`), 'utf8')
    .trimEnd()
    .split('\n')
  const values = lines.at(-1).split(';')
  const total = (column) => Number(values[head.split(';').indexOf(`${column}(C)`)])
  return { completed: total('SuccessfulCall'), failed: total('FailedCall'), retransmissions: total('Retransmissions') }
}

function sipp({ name, scenario, port }) {
  const file = join(import.meta.dirname, 'sipp', `${scenario}.xml`)
  const quiet = ['-nostdin', '-default_behaviors', 'all,-abortunexp', '-buff_size', '4194304']
  const own = ['-sf', file, '-i', '127.0.0.1', '-p', String(port), ...quiet]
  return ['sipp', ...own, '-trace_stat', '-stf', `${name}.csv`]
}
