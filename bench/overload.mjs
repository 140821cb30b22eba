/**
 * `npm run bench -- overload`: three times as many calls as the proxy can do, from callers of whom half wait and half hang up after a second, then half
 * as many as it can do; how the calls fare that it takes, and how soon after it all succeed again.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { setup } from '../scripts/setup.mjs'
import { highestCleanRate } from './clean-rate.mjs'
import { putMeasured } from './docs.mjs'
import { positive, readFlags } from './flags.mjs'
import { docsOfOverload, overloadLines, summaryOf } from './overload-report.mjs'
import { coreTime, cpuTime, PROXY_CORE } from './process.mjs'
import { routeFile } from './proxies.mjs'
import { attemptLine } from './report.mjs'
import { withRig } from './rig.mjs'

const usage = `Usage: npm run bench -- overload [--seconds N] [--times N] [--work N] [--rate N] [--json] [--write-docs]

  --seconds N      of overload, and as many of half the clean rate after it (10)
  --times N        the clean rate is offered (3)
  --work N         microseconds of the core that the route takes for each call (500): with none SIPp, which has one core for
                   callers and callees, would be what is overloaded
  --rate N         what the clean rate is, instead of looking for it
  --json           the figures as JSON, and nothing else
  --write-docs     puts the figures into docs/performance.md`

const options = {
  seconds: { type: 'string', default: '10' },
  times: { type: 'string', default: '3' },
  work: { type: 'string', default: '500' },
  rate: { type: 'string' },
  json: { type: 'boolean', default: false },
  'write-docs': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
}

const lines = [
  { uac: 'uac_patient', uas: 'uas' },
  { uac: 'uac_impatient', uas: 'uas' },
]
const ATTEMPT_SECONDS = 3
/** Milliseconds between the last attempt and the overload. */
const REST = 3000

export async function overload(args) {
  const { values } = readFlags(args, options, usage)
  if (values.help) return console.log(usage)
  const [seconds, times] = [values.seconds, values.times].map((text) => positive(text, usage))
  const work = values.work === '0' ? 0 : positive(values.work, usage)
  const known = values.rate === undefined ? undefined : { rate: positive(values.rate, usage), limit: [] }
  const say = values.json ? () => {} : (text) => console.log(text)
  await setup({ services: true })
  const routes = (callees) => routeFile('busy', callees).replace('0.5', String(work / 1000))
  const figures = await withRig({ routes, lines }, async (rig) => {
    const clean = known ?? (await cleanRate(rig, say))
    await delay(REST)
    return { clean, ...(await run(rig, { rate: clean.rate, seconds, times, say })) }
  })
  const result = { seconds, times, work, ...figures }
  if (values['write-docs']) await putMeasured('overload', docsOfOverload(result))
  console.log(values.json ? JSON.stringify(result, undefined, 2) : `\n${overloadLines(result).join('\n')}`)
}

function cleanRate(rig, say) {
  say('The highest clean rate:')
  return highestCleanRate((rate) => rig.attempt(rate, ATTEMPT_SECONDS), {
    show: (outcome) => say(attemptLine(outcome)),
  })
}

/** The calls after it begin when the last of the overload has been placed: those that were taken still go on. */
async function run(rig, { rate, seconds, times, say }) {
  const offered = Math.round(rate * times)
  say(`${offered} calls per second for ${seconds} s, then ${Math.round(rate / 2)} for as long`)
  const refusedBefore = await rig.refused()
  const used = () => [cpuTime(rig.server.pid), coreTime(PROXY_CORE)]
  const before = used()
  const began = performance.now()
  const flags = ['-trace_rtt', '-rtt_freq', '1']
  const during = rig.place({ rate: offered, calls: offered * seconds, flags })
  await delay(seconds * 1000)
  const [cpu, core] = used().map((value, i) => value - before[i])
  const wall = (performance.now() - began) * 1000
  const dropped = performance.now()
  const after = rig.place({ rate: rate / 2, calls: (rate / 2) * seconds, flags })
  const [load, rest] = await Promise.all([during, after])
  const settled = { ...load, calls: callsOf(rig, load), began, offered }
  const recovered = { ...rest, calls: callsOf(rig, rest), began: dropped }
  const refused = await rig.refused(refusedBefore)
  const loads = { proxyLoad: cpu / wall, othersLoad: Math.max(0, (core - cpu) / wall) }
  return { ...summaryOf(settled, recovered, seconds), refused, ...loads }
}

/** What became of every call: when it was placed, in milliseconds of SIPp's own time, after how many it ended, and as what. */
function callsOf({ folder }, { pids }) {
  const files = readdirSync(folder).filter((name) => pids.some((pid) => name.endsWith(`_${pid}_rtt.csv`)))
  return files.flatMap((name) => parseTimes(readFileSync(join(folder, name), 'utf8')))
}

function parseTimes(text) {
  const rows = text.trimEnd().split('\n').slice(1)
  return rows.map((row) => {
    const [ended, ms, kind] = row.split(';')
    return { at: Number(ended) - Number(ms), ms: Number(ms), kind }
  })
}
