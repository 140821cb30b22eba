/**
 * `npm run bench -- bytes`: what a call takes of the proxy's memory while it is set up, while it is up and after: the stack without sockets, its time
 * standing still, garbage collected before every look.
 */
import { setup } from '../scripts/setup.mjs'
import { table } from './chart.mjs'
import { machine, putMeasured } from './docs.mjs'
import { positive, readFlags } from './flags.mjs'

const usage = `Usage: npm run bench -- bytes [--calls N] [--json] [--write-docs]

  --calls N        at a time (20000)
  --json           the figures as JSON, and nothing else
  --write-docs     puts the figures into docs/performance.md`

const options = {
  calls: { type: 'string', default: '20000' },
  json: { type: 'boolean', default: false },
  'write-docs': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
}

const titles = {
  ringing: 'being set up: forwarded, 180 came back',
  answered: 'answered: 200 and ACK, less than 32 s ago',
  up: 'up: answered longer ago than that',
  ended: 'ended: BYE and 200, less than 32 s ago',
  gone: 'gone: ended longer ago than that',
  short: 'a call of no length, less than 32 s ago',
  shortGone: 'the same, longer ago than that',
}

export async function bytes(args) {
  const { values } = readFlags(args, options, usage)
  if (values.help) return console.log(usage)
  const calls = Math.round(positive(values.calls, usage))
  await setup({ services: false })
  const { bytesPerCall } = await import('./bytes-calls.mjs')
  const results = { plain: await bytesPerCall(calls, false), challenged: await bytesPerCall(calls, true) }
  if (values['write-docs']) await putMeasured('bytes', [`${machine()}; ${calls} calls at a time.`, tableOf(results)])
  console.log(values.json ? JSON.stringify(results, undefined, 2) : tableOf(results))
}

function tableOf({ plain, challenged }) {
  const rows = Object.entries(titles).map(([phase, title]) => [
    title,
    ...[plain[phase], challenged[phase]].flatMap(({ bytes, transactions }) => [
      bytes.toFixed(0),
      transactions.toFixed(1),
    ]),
  ])
  return table([
    ['bytes of memory for each call that is', 'plain', 'transactions', 'with 407', 'transactions'],
    ...rows,
  ])
}
