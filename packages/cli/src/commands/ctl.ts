/** `signalbox ctl`: any method of the running proxy, with positional parameters, the result as JSON. */
import { Command } from 'commander'
import { adminAddress, adminOption, type AdminOptions } from '../admin/admin-address.ts'
import { rpcParameter } from '../admin/rpc-parameter.ts'
import { rpc } from '../admin/rpc.ts'
import { printJson } from '../output.ts'

interface Options extends Pick<AdminOptions, 'admin'> {
  dir: string
}

export function command(): Command {
  return new Command('ctl')
    .description('call a method of the running proxy')
    .argument('<method>', 'such as core.status')
    .argument('[args...]', 'its parameters; s:123 is a string, 123 a number')
    .option('--dir <dir>', 'the project whose config says where the proxy runs', '.')
    .addOption(adminOption())
    .addHelpText('after', '\nExample:\n  $ signalbox ctl core.status')
    .action(ctl)
}

async function ctl(method: string, args: readonly string[], options: Options): Promise<void> {
  printJson((await rpc(await adminAddress(options), method, args.map(rpcParameter))) ?? null)
}
