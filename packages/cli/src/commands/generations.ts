/** `signalbox generations`: which bundles the running proxy holds, and how many transactions still run on each. */
import { Command } from 'commander'
import type { GenerationInfo } from '@signalbox/core'
import { adminAddress, adminOption, type AdminOptions } from '../admin/admin-address.ts'
import { rpc } from '../admin/rpc.ts'
import { printJson, printTable } from '../output.ts'

interface Options extends Pick<AdminOptions, 'admin'> {
  json?: boolean
}

export function command(): Command {
  return new Command('generations')
    .description('list the generations of the running proxy')
    .argument('[dir]', 'the project', '.')
    .addOption(adminOption())
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nExample:\n  $ signalbox generations --admin 127.0.0.1:8060')
    .action(generations)
}

async function generations(dir: string, { admin, json = false }: Options): Promise<void> {
  const list = (await rpc(await adminAddress({ dir, admin }), 'routes.generations')) as GenerationInfo[]
  if (json) return printJson(list)
  const rows = list.map(({ number, hash, state, since, transactions, ended = '' }) => [
    `${number}`,
    hash,
    state,
    since,
    `${transactions}`,
    ended,
  ])
  printTable([['generation', 'hash', 'state', 'since', 'transactions', 'ended'], ...rows])
}
