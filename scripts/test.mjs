/**
 * `npm test`: sets up, runs every suite, and ends with the one line that a machine reads: `N passed, N failed`.
 * Arguments go to vitest: `npm test -- test/interop`. In CI a skipped test counts as a failed one, by name.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main, root, run } from './run.mjs'
import { setup } from './setup.mjs'
import { tally } from './tally.mjs'

async function test(args) {
  await setup({ services: true })
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'))
  try {
    return conclude(await vitest(args, join(folder, 'report.json')), join(folder, 'report.json'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function vitest(args, reportFile) {
  const report = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const { code } = await run(process.execPath, [program, 'run', ...report, ...args], { show: true })
  return code
}

function conclude(code, reportFile) {
  const { passed, failed, notes } = tally(readReport(reportFile), { code, strict: Boolean(process.env.CI) })
  for (const note of notes) console.log(note)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 && code === 0 ? 0 : 1
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
