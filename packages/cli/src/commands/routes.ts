/** `signalbox routes`: which request reaches which relays and routes, read from the sources. */
import { Command, Option } from 'commander'
import { requireRouteFile } from '@signalbox/core/build'
import { print, printJson, progress } from '../output.ts'
import { loadSources } from '../project.ts'

interface Options {
  json?: boolean
  mermaid?: boolean
}

export function command(): Command {
  return new Command('routes')
    .description('show which request reaches which relays and routes')
    .argument('[dir]', 'the project', '.')
    .option('--json', 'print the graph as JSON')
    .addOption(new Option('--mermaid', 'print the graph as a Mermaid flowchart').conflicts('json'))
    .addHelpText('after', '\nExample:\n  $ signalbox routes my-trunk --mermaid')
    .action(routes)
}

async function routes(dir: string, { json = false, mermaid = false }: Options): Promise<void> {
  const sources = await loadSources(dir)
  await requireRouteFile(sources.routes)
  const graph = await progress('reading the routes', async () => (await import('../check/check.ts')).graphOf(sources))
  if (json) return printJson(graph)
  const { graphMermaid, graphText } = await import('../check/show-graph.ts')
  print(mermaid ? graphMermaid(graph) : graphText(graph))
}
