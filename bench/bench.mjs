/**
 * `npm run bench`: Signalbox and Kamailio with the same routing, in alternating pairs on this machine, and the ratio of
 * their CPU time per call. `npm run bench -- --help` has the flags.
 */
import { availableParallelism } from 'node:os'
import { main, Refusal } from '../scripts/run.mjs'
import { setup } from '../scripts/setup.mjs'
import { writeDocs } from './docs.mjs'
import { readFlags } from './flags.mjs'
import { callKinds, kinds, ratesOf } from './kinds.mjs'
import { measure } from './measure.mjs'
import { proxies } from './proxies.mjs'
import { runLine, summary, summaryLines } from './report.mjs'

/** What has flags of its own. Loaded when it is asked for. */
const commands = new Map([
  ['soak', async (args) => (await import('./soak.mjs')).soak(args)],
  ['overload', async (args) => (await import('./overload.mjs')).overload(args)],
  ['bytes', async (args) => (await import('./bytes.mjs')).bytes(args)],
])

const usage = `Usage: npm run bench -- [--pairs N] [--rate N,…] [--seconds N] [--only KIND,…] [--against NAME,…] [--subject NAME] [--json] [--write-docs]
       npm run bench -- micro [--only KIND,…] [--against FOLDER] [--json]
       npm run bench -- ${[...commands.keys()].join('|')} [--help]

  --pairs N        how many pairs of runs for each kind of traffic (3)
  --rate N,…       calls per second (${[...kinds.keys()].map((name) => `${name}: ${ratesOf(name).join(' and ')}`).join('; ')});
                   what is added to the way of a message is measured at half of it
  --seconds N      how long each run is measured, after its warm-up calls (8)
  --only KIND      ${[...kinds].map(([name, { title }]) => `${name}: ${title}`).join('\n                   ')}
  --against NAME   ${Object.keys(proxies)
    .filter((name) => name !== 'signalbox')
    .join(', ')} (all)
  --subject NAME   what is compared with them: signalbox, or kamailio for what this machine's noise looks like
  --json           the figures of every run as JSON, and nothing else
  --write-docs     puts the figures into docs/performance.md
  micro            the parts of a message's way and whole calls instead, without sockets; --only: calls of this kind alone;
                   --against: calls through the core built in this checkout, too, in turns
  soak             minutes of load, and whether memory stays as it is
  overload         three times as many calls as can be done, and how soon all is well again
  bytes            memory that one call takes while it is set up, while it is up, and after

Example: npm run bench -- --pairs 1 --only plain --against kamailio`

const options = {
  pairs: { type: 'string', default: '3' },
  rate: { type: 'string' },
  seconds: { type: 'string', default: '8' },
  only: { type: 'string' },
  against: { type: 'string' },
  subject: { type: 'string', default: 'signalbox' },
  json: { type: 'boolean', default: false },
  'write-docs': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
}

async function bench(settings) {
  if (settings.help) return say(usage)
  if (settings.isMicro) return micro(settings)
  refuseUnfit(settings)
  const show = settings.json ? () => {} : say
  await setup({ services: true })
  const results = []
  for (const kind of settings.kinds) {
    for (const rate of settings.rates ?? ratesOf(kind)) results.push(await compare({ kind, rate }, settings, show))
  }
  if (settings['write-docs']) await writeDocs(results, settings)
  if (settings.json) return say(JSON.stringify(results, undefined, 2))
  for (const { figures } of results) say(`\n${summaryLines(figures).join('\n')}`)
  return 0
}

async function micro({ json, only, checkout }) {
  await setup({ services: false })
  const { microbenchmarks } = await import('./micro.mjs')
  const results = await microbenchmarks({ only, against: checkout })
  if (json) return say(JSON.stringify(results, undefined, 2))
  for (const result of results) say(microLine(result))
  return 0
}

function microLine({ name, microseconds, against, ratio }) {
  const line = `${microseconds.toFixed(2).padStart(8)} µs  ${name}`
  return against === undefined
    ? line
    : `${line}; there ${against.toFixed(2)} µs, ${ratio.toFixed(3)} × (median of rounds)`
}

/** The order turns round from pair to pair, so that a machine that slows down does not favour one side. */
async function compare({ kind, rate }, { pairs, seconds, subject, against }, show) {
  const sides = [subject]
  for (const name of against) {
    const { except, most = Infinity } = proxies[name]
    if (except?.includes(kind)) continue
    if (rate <= most) sides.push(name)
    else show(`${name} is left out: it cannot keep up with ${rate} calls per second`)
  }
  const rounds = []
  for (let pair = 0; pair < pairs; pair++) {
    const order = sides.map((_, side) => (pair % 2 === 0 ? side : sides.length - 1 - side))
    const round = []
    for (const side of order) {
      round[side] = { rate, ...(await measure({ proxy: sides[side], kind, rate, seconds })) }
      show(runLine(round[side]))
    }
    rounds.push(round)
  }
  return { figures: { rate, ...summary(kind, rounds) }, rounds }
}

function refuseUnfit({ pairs, rates = [], seconds, against, subject }) {
  if (![pairs, ...rates, seconds].every((value) => Number.isInteger(value) && value > 0)) throw new Refusal(usage)
  if (![subject, ...against].every((name) => Object.hasOwn(proxies, name))) throw new Refusal(usage)
  if (availableParallelism() < 2) throw new Refusal('The benchmark needs two cores: one for the proxy, one for SIPp.')
}

function say(text) {
  console.log(text)
  return 0
}

function settingsOf(args) {
  const { values, positionals } = readFlags(args, options, usage, true)
  if (positionals.length > 1 || (positionals[0] ?? 'micro') !== 'micro') throw new Refusal(usage)
  const { pairs, rate, seconds, subject } = values
  const only = values.only?.split(',')
  const isMicro = positionals.length > 0
  if (isMicro) return { ...values, isMicro, only: refuseUnknown(only, callKinds), checkout: values.against }
  const against = values.against?.split(',') ?? Object.keys(proxies).filter((name) => name !== 'signalbox')
  const numbers = { pairs: Number(pairs), rates: rate?.split(',').map(Number), seconds: Number(seconds) }
  return { ...values, ...numbers, subject, against, kinds: refuseUnknown(only ?? [...kinds.keys()], [...kinds.keys()]) }
}

function refuseUnknown(wanted, known) {
  if (wanted?.some((each) => !known.includes(each))) throw new Refusal(usage)
  return wanted
}

const args = process.argv.slice(2)
const command = commands.get(args[0])
await main(() => (command === undefined ? bench(settingsOf(args)) : command(args.slice(1))))
