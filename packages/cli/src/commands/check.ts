/** `signalbox check`: types of config, routes and tests. Nothing is evaluated but the config, to learn where the routes are. */
import { Command } from 'commander'
import { requireRouteFile } from '@signalbox/core/build'
import { findTypeErrors } from '../check/require-types.ts'
import { complain, complainAbout, printGood, printJson } from '../output.ts'
import { loadSources } from '../project.ts'

export function command(): Command {
  return new Command('check')
    .description('check the types of config, routes and tests')
    .argument('[dir]', 'the project', '.')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', '\nExample:\n  $ signalbox check my-trunk --json')
    .action(check)
}

async function check(dir: string, { json = false }: { json?: boolean }): Promise<void> {
  const sources = await loadSources(dir)
  await requireRouteFile(sources.routes)
  const findings = await findTypeErrors(sources)
  if (findings.length > 0) process.exitCode = 1
  if (json) return printJson({ ok: findings.length === 0, findings })
  if (findings.length === 0) return printGood('ok', 'no type errors')
  complainAbout(findings)
  complain(findings.length === 1 ? '1 type error' : `${findings.length} type errors`)
}
