/** What `npm create signalbox` runs: `signalbox new` for somebody who has no `signalbox` yet. */
import { command } from './commands/new.ts'
import { runCommand } from './program.ts'

/**
 * Makes a project from a template, as `signalbox new` does.
 *
 * @example
 * process.exit(await create(['my-trunk', '--template', 'trunk-auth']))
 *
 * Resolves with the exit code: 0 made, 1 the folder or the template cannot be used, 2 wrong usage; what was wrong is on stderr. On a terminal
 * it asks for what is missing.
 */
export async function create(args: readonly string[]): Promise<number> {
  const name = 'create-signalbox'
  const example = 'npm create signalbox my-trunk -- --template trunk-auth'
  return runCommand(await command({ name, example, installed: false }), args)
}
