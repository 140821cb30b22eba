/**
 * `npm run bench`: tuned Kamailio and Signalbox with the same routing, in alternating pairs on this machine, and the ratio of
 * their CPU time per call. `npm run bench -- --help` has the flags.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { main, Refusal } from '../scripts/run.mjs'
import { setup } from '../scripts/setup.mjs'
import { carriers, measure } from './measure.mjs'
import { proxies } from './proxies.mjs'
import { runLine, summary, summaryLines } from './report.mjs'

const usage = `Usage: npm run bench -- [--pairs N] [--rate N] [--seconds N] [--only KIND] [--subject NAME] [--json]

  --pairs N        how many pairs of runs for each kind of call (3)
  --rate N         calls per second (1000)
  --seconds N      how long each run is measured, after its warm-up calls (8)
  --only KIND      plain; 407: the carrier challenges each call; anonymous: From is replaced, and restored for the dialog
  --subject NAME   what is compared with Kamailio: signalbox, or kamailio for what this machine's noise looks like
  --json           the figures of every run as JSON, and nothing else

Example: npm run bench -- --pairs 1 --only plain`

const options = {
  pairs: { type: 'string', default: '3' },
  rate: { type: 'string', default: '1000' },
  seconds: { type: 'string', default: '8' },
  only: { type: 'string' },
  subject: { type: 'string', default: 'signalbox' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
}

async function bench(settings) {
  if (settings.help) return say(usage)
  refuseUnfit(settings)
  const show = settings.json ? () => {} : say
  await setup({ services: true })
  const summaries = []
  for (const kind of kinds(settings)) summaries.push(await compare(kind, settings, show))
  if (settings.json) return say(JSON.stringify(summaries, undefined, 2))
  for (const { figures } of summaries) say(`\n${summaryLines(figures).join('\n')}`)
  return 0
}

/** The order changes from pair to pair, so that a machine that slows down does not favour one side. */
async function compare(kind, { pairs, rate, seconds, subject }, show) {
  const runs = []
  for (let pair = 0; pair < pairs; pair++) {
    const sides = ['kamailio', subject]
    const order = pair % 2 === 0 ? [0, 1] : [1, 0]
    const both = []
    for (const side of order) {
      both[side] = { rate, ...(await measure({ proxy: sides[side], kind, rate, seconds })) }
      show(runLine(both[side]))
    }
    runs.push(both)
  }
  return { figures: summary(kind, runs), runs }
}

function kinds({ only }) {
  return only === undefined ? [...carriers.keys()] : [only]
}

function refuseUnfit({ pairs, rate, seconds, only, subject }) {
  if (![pairs, rate, seconds].every((value) => Number.isInteger(value) && value > 0)) throw new Refusal(usage)
  if (only !== undefined && !carriers.has(only)) throw new Refusal(usage)
  if (!Object.hasOwn(proxies, subject)) throw new Refusal(usage)
  if (availableParallelism() < 2) throw new Refusal('The benchmark needs two cores: one for the proxy, one for SIPp.')
}

function say(text) {
  console.log(text)
  return 0
}

function settingsOf(args) {
  const values = readFlags(args)
  return { ...values, pairs: Number(values.pairs), rate: Number(values.rate), seconds: Number(values.seconds) }
}

function readFlags(args) {
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    if (!error.code?.startsWith('ERR_PARSE_ARGS')) throw error
    throw new Refusal(`${error.message}\n\n${usage}`)
  }
}

await main(() => bench(settingsOf(process.argv.slice(2))))
