/** `signalbox trunks`: how each trunk stands with its carrier; `trunks explain`: what is wrong with one, and what to change. */
import { setTimeout as wait } from 'node:timers/promises'
import { Command } from 'commander'
import type { Explanation, TrunkDescription } from '@signalbox/core'
import { adminAddress, adminOption, type AdminOptions } from '../admin/admin-address.ts'
import { rpc } from '../admin/rpc.ts'
import { clearScreen, print, printJson, printTable, visible } from '../output.ts'

interface Options extends Pick<AdminOptions, 'admin'> {
  json?: boolean
  watch?: boolean
}

/** How often `--watch` looks, in milliseconds. */
const INTERVAL = 1_000

const EXAMPLE = '\nExample:\n  $ signalbox trunks my-proxy\n  $ signalbox trunks explain office my-proxy'

export function command(): Command {
  const explain = new Command('explain')
    .description('say what is wrong with a trunk, and what to change')
    .argument('<uuid>', 'its l_uuid')
    .argument('[dir]', 'the project', '.')
    .addOption(adminOption())
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  $ signalbox trunks explain office my-proxy')
    .action(explainOne)
  return new Command('trunks')
    .description('list the trunks of the running proxy and their registrations')
    .argument('[dir]', 'the project', '.')
    .addOption(adminOption())
    .option('--json', 'print them as JSON')
    .option('--watch', 'look again every second')
    .addHelpText('after', EXAMPLE)
    .action(trunks)
    .addCommand(explain)
}

async function trunks(dir: string, { admin, json = false, watch = false }: Options): Promise<void> {
  const address = await adminAddress({ dir, admin })
  // Who looks on may have had enough: `| head -1`.
  if (watch) process.stdout.on('error', () => process.exit())
  for (;;) {
    const list = (await rpc(address, 'uac.reg_dump')) as TrunkDescription[]
    if (json) return printJson(list)
    const { trunks } = (await rpc(address, 'core.status')) as { trunks: { problem: string } }
    if (watch) clearScreen()
    show(list, trunks.problem)
    if (!watch) return
    await wait(INTERVAL)
  }
}

/** `problem`: why the table says nothing; '' when it does. */
function show(list: readonly TrunkDescription[], problem: string): void {
  if (list.length === 0) return print(`no trunks: ${problem || 'the table uacreg has no rows'}`)
  const head = ['trunk', 'state', 'account', 'expires in', 'last answer', 'next attempt', 'realm']
  printTable([head, ...list.map(rowOf)])
  for (const { l_uuid: uuid, reason } of list) if (reason !== '') print(visible(`${uuid}: ${reason}`))
  if (problem !== '') print(`the table uacreg cannot be read, and the trunks stay as they are: ${problem}`)
}

function rowOf(trunk: TrunkDescription): string[] {
  const { l_uuid, state, r_username, r_domain, expires_in, answer, next, realm, asked_realm } = trunk
  return [
    l_uuid,
    state,
    `${r_username}@${r_domain}`,
    secondsOf(expires_in),
    answer || '-',
    secondsOf(next),
    asked_realm || realm || '-',
  ]
}

function secondsOf(seconds: number | null): string {
  return seconds === null ? '-' : `${seconds} s`
}

/** Options that both commands have are taken by the first one, wherever they stand. */
async function explainOne(uuid: string, dir: string, _: Options, command: Command): Promise<void> {
  const { admin, json = false } = command.optsWithGlobals<Options>()
  const explanation = (await rpc(await adminAddress({ dir, admin }), 'trunks.explain', [uuid])) as Explanation
  if (json) return printJson(explanation)
  const { uuid: name, state, what, advice } = explanation
  for (const line of [`${name}: ${state}`, what, advice]) if (line !== '') print(visible(line))
}
