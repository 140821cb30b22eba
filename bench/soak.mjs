/**
 * `npm run bench -- soak`: half of the highest clean rate for ten minutes, of plain calls and such that are challenged, and whether memory stays as it
 * is: what lives on the heap after each full collection, over the calls that have ended.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { setup } from '../scripts/setup.mjs'
import { highestCleanRate } from './clean-rate.mjs'
import { putMeasured } from './docs.mjs'
import { positive, readFlags } from './flags.mjs'
import { parseGcLog } from './gc-log.mjs'
import { residentMemory } from './process.mjs'
import { routeFile } from './proxies.mjs'
import { attemptLine } from './report.mjs'
import { withRig } from './rig.mjs'
import { docsOfSoak, growthOf, sampleHead, sampleLine, soakLines } from './soak-report.mjs'

const usage = `Usage: npm run bench -- soak [--minutes N] [--rate N] [--json] [--write-docs]

  --minutes N      how long (10)
  --rate N         calls per second; else half of the highest clean rate, which is looked for first
  --json           the figures as JSON, and nothing else
  --write-docs     puts the figures into docs/performance.md`

const options = {
  minutes: { type: 'string', default: '10' },
  rate: { type: 'string' },
  json: { type: 'boolean', default: false },
  'write-docs': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
}

const lines = [
  { uac: 'uac', uas: 'uas' },
  { uac: 'uac', uas: 'uas_auth', service: 'carrier' },
]
const routes = (callees) => routeFile('mixed', callees)
/** Seconds between two samples. */
const EVERY = 10
const ATTEMPT_SECONDS = 3
/** Seconds after the last call: 64 × T1, in which late messages of it could still come, and some. */
const SETTLE = 40

export async function soak(args) {
  const { values } = readFlags(args, options, usage)
  const say = values.json ? () => {} : (text) => console.log(text)
  if (values.help) return console.log(usage)
  const minutes = positive(values.minutes, usage)
  const wanted = values.rate === undefined ? undefined : positive(values.rate, usage)
  await setup({ services: true })
  const clean = wanted === undefined ? await cleanRate(say) : undefined
  const rate = wanted ?? Math.round(clean.rate / 2)
  const result = { minutes, rate, clean, ...(await run({ minutes, rate, say })) }
  if (values['write-docs']) await putMeasured('soak', docsOfSoak(result))
  console.log(values.json ? JSON.stringify(result, undefined, 2) : `\n${soakLines(result).join('\n')}`)
}

/** With a proxy of its own, so that the soak begins with one that was never too busy. */
async function cleanRate(say) {
  say('The highest clean rate:')
  const search = (rig) =>
    highestCleanRate((rate) => rig.attempt(rate, ATTEMPT_SECONDS), { show: (outcome) => say(attemptLine(outcome)) })
  return withRig({ routes, lines }, search)
}

async function run({ minutes, rate, say }) {
  return withRig({ routes, lines, flags: ['--trace-gc'] }, async (rig) => {
    const before = await look(rig)
    say(`\n${minutes} minutes of ${rate} calls per second:\n${sampleHead}`)
    const samples = []
    let isOver = false
    const load = rig.place({ rate, calls: Math.round(rate * minutes * 60) }).finally(() => (isOver = true))
    for (let last = before; !isOver;) {
      await Promise.race([delay(EVERY * 1000), load])
      if (isOver) break
      const now = await look(rig)
      samples.push(between(last, now, before))
      say(sampleLine(samples.at(-1)))
      last = now
    }
    const end = await look(rig)
    const outcome = await load
    say(`over; what is left ${SETTLE} seconds later:`)
    await delay(SETTLE * 1000)
    const after = await look(rig)
    const left = between(end, after, before)
    say(sampleLine(left))
    const gc = parseGcLog(readFileSync(rig.server.log, 'latin1'))
    const seconds = (end.at - before.at) / 1000
    const repeated = outcome.retransmissions + rig.repeatedByCallees()
    return {
      samples,
      left,
      calls: {
        finished: end.finished - before.finished,
        failed: outcome.failed,
        repeated,
        refused: end.refused - before.refused,
      },
      sippLoad: outcome.sippLoad,
      longestCollection: gc.longest,
      growth: growthOf({ samples, collections: gc.full, callsPerSecond: (end.finished - before.finished) / seconds }),
    }
  })
}

/** What the admin port and the kernel say. */
async function look(rig) {
  const { value } = await rig.metrics()
  return {
    /** Of the proxy's life, as in the log of its collections. */
    at: Date.now() - value('process_start_time_seconds') * 1000,
    rss: residentMemory(rig.server.pid) * 2 ** 20,
    heap: value('nodejs_heap_size_used_bytes'),
    transactions: value('signalbox_transactions'),
    dialogs: value('signalbox_dialogs'),
    timers: value('signalbox_timers', 'core'),
    /** It counts from one tick of ten milliseconds to the next. */
    lag: Math.max(0, value('nodejs_eventloop_lag_max_seconds') * 1000 - 10),
    cpu: value('process_cpu_seconds_total'),
    finished: value('signalbox_requests_total', 'method="BYE"'),
    failed: rig.failed(),
    refused: value('signalbox_turned_away_total'),
  }
}

function between(last, now, start) {
  const calls = now.finished - last.finished
  const cpuPerCall = calls === 0 ? undefined : ((now.cpu - last.cpu) * 1e6) / calls
  return { ...now, seconds: (now.at - start.at) / 1000, finished: now.finished - start.finished, cpuPerCall }
}
