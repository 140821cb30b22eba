/** `signalbox reload`: checks here, then asks the running proxy to read its routes again, or to bring in a bundle. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { Command } from 'commander'
import { adminAddress, adminOption, type AdminOptions } from '../admin/admin-address.ts'
import { rpc } from '../admin/rpc.ts'
import { requireCheck } from '../check/require-check.ts'
import { printLive, type Live } from '../admin/print-live.ts'
import { isBundleFolder, loadSources } from '../project.ts'

interface Options extends Pick<AdminOptions, 'admin'> {
  bundle?: string
  check: boolean
  json?: boolean
}

export function command(): Command {
  return new Command('reload')
    .description('check and load the routes into the running proxy')
    .argument('[dir]', 'the project', '.')
    .addOption(adminOption())
    .option(
      '--bundle <folder>',
      'bring in this bundle, as it is; a reload without it goes back to what the proxy was started from',
    )
    .option('--no-check', 'reload without checking')
    .option('--json', 'print the new generation as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ signalbox reload my-trunk\n  $ signalbox reload my-trunk --bundle /srv/bundles/3bd0b47b6901',
    )
    .action(reload)
}

async function reload(dir: string, { admin, bundle, check, json }: Options): Promise<void> {
  if (check && bundle === undefined && !isBundleFolder(dir)) await checkSources(dir)
  // The proxy stands in another folder.
  const folder = bundle === undefined ? [] : [path.resolve(bundle)]
  printLive((await rpc(await adminAddress({ dir, admin }), 'routes.reload', folder)) as Live, json)
}

/** Where there is no route file, the proxy runs a bundle, or says itself what is missing. */
async function checkSources(dir: string): Promise<void> {
  const sources = await loadSources(dir)
  if (existsSync(sources.routes)) await requireCheck(sources)
}
