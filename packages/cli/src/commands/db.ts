/** `signalbox db init`: Kamailio's tables in the database of the config. */
import { Command } from 'commander'
import { createTables, type TableReport } from '@signalbox/core/build'
import { print, printGood, printJson, progress } from '../output.ts'
import { loadDatabase } from '../project.ts'

export function command(): Command {
  const init = new Command('init')
    .description('make the tables that are missing; what is there stays as it is')
    .argument('[dir]', 'the project', '.')
    .option('--json', 'print what there is as JSON')
    .addHelpText('after', '\nExample:\n  $ signalbox db init my-trunk')
    .action(dbInit)
  return new Command('db')
    .description('set up the database')
    .addCommand(init)
    .addHelpText('after', '\nExample:\n  $ signalbox db init my-trunk')
}

async function dbInit(dir: string, { json = false }: { json?: boolean }): Promise<void> {
  const database = await loadDatabase(dir)
  const reports = await progress('Looking at the database', () => createTables(database))
  if (json) return printJson(reports)
  for (const report of reports) {
    const said = `${report.name} (${versionOf(report)})`
    if (report.created) printGood('created', said)
    else print(`exists ${said}`)
  }
}

function versionOf({ version, own }: TableReport): string {
  if (version === own) return `version ${version}`
  return `${version === undefined ? 'no version' : `version ${version}`}; version ${own} is the newest known here`
}
