/** `signalbox build`: a check, then one bundle in `DIR/.signalbox/bundle/`. Nothing of it is evaluated. */
import { Command } from 'commander'
import { buildBundle } from '@signalbox/core/build'
import { requireCheck } from '../check/require-check.ts'
import { printGood, printJson } from '../output.ts'
import { loadSources } from '../project.ts'
import { writeBundle } from '../write-bundle.ts'

interface Options {
  check: boolean
  json?: boolean
}

export function command(): Command {
  return new Command('build')
    .description('check and bundle the routes')
    .argument('[dir]', 'the project', '.')
    .option('--no-check', 'bundle without checking')
    .option('--json', 'print what was built as JSON')
    .addHelpText('after', '\nExample:\n  $ signalbox build my-trunk')
    .action(build)
}

async function build(dir: string, { check, json = false }: Options): Promise<void> {
  const sources = await loadSources(dir)
  const bundle = await buildBundle(sources)
  if (check) await requireCheck(sources)
  const folder = await writeBundle(bundle, sources)
  if (json) printJson({ hash: bundle.hash, folder })
  else printGood('built', `${bundle.hash} in ${folder}`)
}
