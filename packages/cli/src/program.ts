/**
 * The command line: which commands there are, and what becomes of an error. Each command is a file of its own that is loaded when it
 * is asked for, or when help lists them all. Exit codes: 0 done, 1 the user's mistake, 2 wrong usage.
 */
import { Command, CommanderError } from 'commander'
import { complain, complainError } from './output.ts'
import { version } from './version.ts'

const commands: Record<string, () => Promise<Command>> = {
  new: async () => (await import('./commands/new.ts')).command(),
  dev: async () => (await import('./commands/dev.ts')).command(),
  build: async () => (await import('./commands/build.ts')).command(),
  check: async () => (await import('./commands/check.ts')).command(),
  test: async () => (await import('./commands/test.ts')).command(),
  routes: async () => (await import('./commands/routes.ts')).command(),
  start: async () => (await import('./commands/start.ts')).command(),
  reload: async () => (await import('./commands/reload.ts')).command(),
  rollback: async () => (await import('./commands/rollback.ts')).command(),
  generations: async () => (await import('./commands/generations.ts')).command(),
  trunks: async () => (await import('./commands/trunks.ts')).command(),
  db: async () => (await import('./commands/db.ts')).command(),
  ctl: async () => (await import('./commands/ctl.ts')).command(),
}

/** The exit code. */
export async function run(args: readonly string[]): Promise<number> {
  // As `--help` behind it: commander's own `help trace` would show the help of all, and say nothing of a command that there is not.
  const words = args[0] === 'help' ? [...args.slice(1), '--help'] : args
  const program = await programFor(words[0])
  return runCommand(program, upToUnknown(program, words))
}

/** Of `trace --help` only `trace`, for the same reason. */
function upToUnknown(program: Command, args: readonly string[]): readonly string[] {
  let group = program
  for (const [i, arg] of args.entries()) {
    if (arg.startsWith('-') || arg === 'help') break
    const inner = group.commands.find((command) => command.name() === arg)
    if (inner === undefined) return args.slice(0, i + 1)
    // One that takes words of its own: they are no commands.
    if (inner.commands.length === 0 || inner.registeredArguments.length > 0) break
    group = inner as Command
  }
  return args
}

/** The same for a command that is a program of its own. */
export async function runCommand(command: Command, args: readonly string[]): Promise<number> {
  try {
    await configured(command).parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    return exitCodeOf(error)
  }
}

async function programFor(name: string | undefined): Promise<Command> {
  const program = new Command('signalbox')
    .description('A SIP proxy whose routing is a TypeScript program')
    .version(version())
    .addHelpText('after', '\nExample:\n  $ signalbox new my-trunk --template trunk-auth\n  $ signalbox dev my-trunk')
  const known = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined
  const loaded = await Promise.all((known ? [known] : Object.values(commands)).map((load) => load()))
  for (const command of loaded) program.addCommand(command)
  return program
}

/** Commands within commands, too: else they would end the process themselves, with another code. */
function configured(command: Command): Command {
  command
    .showHelpAfterError('(--help shows how)')
    .configureOutput({ writeErr: (text) => complain(text.trimEnd()) })
    .exitOverride()
  for (const inner of command.commands) configured(inner as Command)
  return command
}

/** Commander has said what was wrong with the usage already. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  complainError(error)
  return 1
}
