/** `signalbox check`: types of config, routes and tests, and the rules about routes. Nothing is evaluated but the config, to learn where the routes are. */
import { Command, Option } from 'commander'
import { requireRouteFile } from '@signalbox/core/build'
import { errorsAmong, type Finding } from '../check/findings.ts'
import { check as findAll } from '../check/require-check.ts'
import { complain, complainAbout, countOf, print, printGood, printJson } from '../output.ts'
import { loadSources } from '../project.ts'
import { version } from '../version.ts'

interface Options {
  json?: boolean
  sarif?: boolean
  explain?: string
}

export function command(): Command {
  return new Command('check')
    .description('check types and routes')
    .argument('[dir]', 'the project', '.')
    .option('--json', 'print the findings as JSON')
    .addOption(new Option('--sarif', 'print the findings as SARIF 2.1.0, for code hosts').conflicts('json'))
    .option('--explain <rule>', 'print the page of a rule, with a wrong and a right example')
    .addHelpText(
      'after',
      '\nErrors make the exit code 1, warnings do not.\n\nExample:\n  $ signalbox check my-trunk --json',
    )
    .action(check)
}

async function check(dir: string, { json = false, sarif = false, explain }: Options): Promise<void> {
  if (explain !== undefined) return print((await import('../check/rule-pages.ts')).rulePage(explain).trimEnd())
  const sources = await loadSources(dir)
  await requireRouteFile(sources.routes)
  const findings = await findAll(sources)
  const ok = errorsAmong(findings).length === 0
  if (!ok) process.exitCode = 1
  if (json) return printJson({ ok, findings })
  if (sarif) return printJson((await import('../check/sarif.ts')).sarif(findings, version()))
  show(findings, ok)
}

function show(findings: readonly Finding[], ok: boolean): void {
  complainAbout(findings)
  const [ruled, ...others] = new Set(findings.filter(({ page }) => page !== undefined).map(({ id }) => id))
  if (ruled !== undefined)
    complain(
      `more: signalbox check --explain ${others.length === 0 ? ruled : `RULE, of ${[ruled, ...others].join(', ')}`}\n`,
    )
  if (ok) printGood('ok', findings.length === 0 ? 'nothing found' : countOf(findings))
  else complain(countOf(findings))
}
