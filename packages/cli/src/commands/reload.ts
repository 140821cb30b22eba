/** `signalbox reload`: checks here, then asks the running proxy to build its sources again. */
import { Command } from 'commander'
import { adminAddress, adminOption, type AdminOptions } from '../admin/admin-address.ts'
import { rpc } from '../admin/rpc.ts'
import { requireCheck } from '../check/require-check.ts'
import { printGood, printJson } from '../output.ts'
import { loadSources } from '../project.ts'

interface Options extends Pick<AdminOptions, 'admin'> {
  check: boolean
  json?: boolean
}

export function command(): Command {
  return new Command('reload')
    .description('check and load the routes into the running proxy')
    .argument('[dir]', 'the project', '.')
    .addOption(adminOption())
    .option('--no-check', 'reload without checking')
    .option('--json', 'print the new generation as JSON')
    .addHelpText('after', '\nExample:\n  $ signalbox reload my-trunk')
    .action(reload)
}

async function reload(dir: string, { admin, check, json = false }: Options): Promise<void> {
  if (check) await requireCheck(await loadSources(dir))
  const generation = (await rpc(await adminAddress({ dir, admin }), 'routes.reload')) as {
    number: number
    hash: string
  }
  if (json) printJson(generation)
  else printGood('live', `generation ${generation.number} (${generation.hash})`)
}
