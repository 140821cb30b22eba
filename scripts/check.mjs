/**
 * `npm run check`: format, lint, types, and who imports whom. All four run and all are reported, so that one round shows
 * everything there is to mend.
 */
import { join } from 'node:path'
import { main, root, run } from './run.mjs'
import { setup } from './setup.mjs'

const bin = (...path) => join(root, 'node_modules', ...path)

const sources = ['packages/dsl/src', 'packages/core/src', 'packages/cli/src', 'packages/cli/bin']

/** Name → how to run it, and how to mend what it finds where a command can. */
const checks = [
  { name: 'format', args: [bin('prettier', 'bin', 'prettier.cjs'), '--check', '.'], hint: 'npx prettier --write .' },
  { name: 'lint', args: [bin('oxlint', 'bin', 'oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'types', args: [bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.test.json'] },
  {
    name: 'imports',
    args: [
      bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      ...sources,
    ],
  },
]

async function check() {
  await setup({ services: false })
  let failed = 0
  for (const one of checks) failed += await report(one)
  console.log(failed === 0 ? 'All checks passed' : `${failed} of ${checks.length} checks failed`)
  return failed === 0 ? 0 : 1
}

async function report({ name, args, hint }) {
  const { code, output } = await run(process.execPath, args)
  console.log(`${name}: ${code === 0 ? 'ok' : 'failed'}`)
  if (code === 0) return 0
  console.log(output.trimEnd())
  if (hint) console.log(`To mend: ${hint}`)
  return 1
}

await main(check)
