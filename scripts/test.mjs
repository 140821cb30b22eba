/**
 * `npm test`: sets up, runs every suite, and ends with the one line that a machine reads: `N passed, N failed`.
 * Arguments go to vitest: `npm test -- test/interop`. In CI a skipped test counts as a failed one, by name, what needs few
 * peers runs once more on the newer Node, what depends on sockets once more on those of `node:dgram`, and what depends on processes with
 * two workers. By hand: `--node24`, `SIGNALBOX_SOCKET=dgram npm test -- --project interop`, `SIGNALBOX_WORKERS=2 npm test -- test/interop`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { NODE_24, node24 } from './node24.mjs'
import { main, root, run } from './run.mjs'
import { setup } from './setup.mjs'
import { tally } from './tally.mjs'

const isCI = Boolean(process.env.CI)

/** What the second leg runs when nobody says: everything without peers, real calls, and what would be published. */
const secondLeg = [
  ['--project', 'unit'],
  ['--project', 'interop', 'test/interop/trunk-call.test.ts'],
  ['--project', 'packages', 'test/packages/hello.test.ts'],
]

/** What runs on the other kind of sockets: calls, overload, noise and bad lines. The tests of the transport itself always run on both. */
const otherSockets = [
  inProject('interop', 'interop', 'chain', 'trunk-call', 'families', 'overload', 'bad-input', 'start-stop', 'baresip'),
  inProject('netns', 'netns', 'loss'),
]

/** What runs once more with two workers wherever a proxy is started: calls, contacts, trunks, requests of our own, the database, starts and stops. Their own tests always do. */
const twoWorkers = [
  inProject('interop', 'interop', 'trunk-call', 'registrar', 'trunks', 'own-requests', 'database-call', 'start-stop'),
  inProject('unit', 'cli', 'start', 'config-reload', 'bundle', 'trunks', 'stop-dispose', 'loops'),
]

function inProject(project, folder, ...names) {
  return ['--project', project, ...names.map((name) => `test/${folder}/${name}.test.ts`)]
}

async function test(args) {
  await setup({ services: true })
  const own = args.filter((arg) => arg !== '--node24')
  const results = [await suite(process.execPath, own)]
  if (isCI && own.length === 0) results.push(...(await onDgram()), ...(await onTwoWorkers()))
  if (isCI || own.length < args.length) results.push(...(await onNode24(own)))
  return conclude(results)
}

async function onNode24(args) {
  const node = await node24()
  console.log(`\nOn Node ${NODE_24}:`)
  const results = []
  for (const each of args.length > 0 ? [args] : secondLeg) results.push(await suite(node, each))
  return results
}

async function onDgram() {
  console.log('\nOn the sockets of node:dgram:')
  const results = []
  for (const each of otherSockets) results.push(await suite(process.execPath, each, { SIGNALBOX_SOCKET: 'dgram' }))
  return results
}

async function onTwoWorkers() {
  console.log('\nWith two workers:')
  const results = []
  for (const each of twoWorkers) results.push(await suite(process.execPath, each, { SIGNALBOX_WORKERS: '2' }))
  return results
}

/** One run of vitest, counted. */
async function suite(node, args, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'))
  try {
    const reportFile = join(folder, 'report.json')
    const code = await vitest(node, args, reportFile, env)
    return { code, ...tally(readReport(reportFile), { code, strict: isCI }) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function vitest(node, args, reportFile, more) {
  const report = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  // What a test starts as `node` is the same one.
  const env = { ...process.env, ...more, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` }
  const { code } = await run(node, [program, 'run', ...report, ...args], { show: true, env })
  return code
}

function conclude(results) {
  const sum = (count) => results.reduce((total, result) => total + count(result), 0)
  const failed = sum((result) => result.failed)
  for (const note of results.flatMap(({ notes }) => notes)) console.log(note)
  console.log(`${sum(({ passed }) => passed)} passed, ${failed} failed`)
  return failed === 0 && results.every(({ code }) => code === 0) ? 0 : 1
}

/** No report: vitest did not get as far as running anything. */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return { testResults: [] }
    throw error
  }
}

await main(() => test(process.argv.slice(2)))
