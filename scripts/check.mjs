/**
 * `npm run check`: types, format, lint, and who imports whom. All run and all are reported, so that one round shows
 * everything there is to mend. Types come first: the build they leave is what the others resolve packages to.
 */
import { join } from 'node:path'
import { main, root, run } from './run.mjs'
import { install } from './setup.mjs'

const bin = (...path) => join(root, 'node_modules', ...path)
const tsc = bin('typescript', 'bin', 'tsc')
const cruise = [bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs'), '--config', '.dependency-cruiser.cjs']
const sources = ['packages/dsl/src', 'packages/core/src', 'packages/cli/src', 'packages/cli/bin']

/** Name → what to run, and how to mend what it finds where a command can. */
const checks = [
  { name: 'types', args: [tsc, '-b'] },
  { name: 'types of the tests', args: [tsc, '-p', 'tsconfig.test.json'] },
  { name: 'format', args: [bin('prettier', 'bin', 'prettier.cjs'), '--check', '.'], hint: 'npx prettier --write .' },
  { name: 'lint', args: [bin('oxlint', 'bin', 'oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'imports', args: [...cruise, ...sources] },
  { name: 'public surface', args: ['scripts/api.mjs'], hint: 'node scripts/api.mjs --write' },
]

async function check() {
  await install()
  const failed = []
  for (const one of checks) if (!(await passes(one))) failed.push(one.name)
  console.log(failed.length === 0 ? 'All checks passed' : `Failed: ${failed.join(', ')}`)
  return failed.length === 0 ? 0 : 1
}

async function passes({ name, args, hint }) {
  const { code, output } = await run(process.execPath, args)
  console.log(`${name}: ${code === 0 ? 'ok' : 'failed'}`)
  if (code === 0) return true
  console.log(output.trimEnd())
  if (hint) console.log(`To mend: ${hint}`)
  return false
}

await main(check)
