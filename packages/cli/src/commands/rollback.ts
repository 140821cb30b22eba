/** `signalbox rollback`: the running proxy goes back to the bundle that was live before, as a new generation. */
import { Command } from 'commander'
import { adminAddress, adminOption, type AdminOptions } from '../admin/admin-address.ts'
import { rpc } from '../admin/rpc.ts'
import { printLive, type Live } from '../admin/print-live.ts'

interface Options extends Pick<AdminOptions, 'admin'> {
  json?: boolean
}

export function command(): Command {
  return new Command('rollback')
    .description('go back to the routes that were live before')
    .argument('[dir]', 'the project', '.')
    .addOption(adminOption())
    .option('--json', 'print the new generation as JSON')
    .addHelpText(
      'after',
      '\nNothing is built. A second rollback undoes the first.\n\nExample:\n  $ signalbox rollback my-trunk',
    )
    .action(rollback)
}

async function rollback(dir: string, { admin, json }: Options): Promise<void> {
  printLive((await rpc(await adminAddress({ dir, admin }), 'routes.rollback')) as Live, json)
}
