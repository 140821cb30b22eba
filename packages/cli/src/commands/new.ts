/**
 * `signalbox new`: a project from a template. On a terminal it asks for what was not said; elsewhere it never waits. `npm create signalbox` is
 * the same command by another name.
 */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { Command } from 'commander'
import { nearest, SignalboxError } from '@signalbox/core/build'
import type { Wanted } from '../ask.ts'
import { print, printGood } from '../output.ts'
import { copyTemplate, templateNames, templateTitles } from '../templates.ts'

interface Caller {
  name: string
  /** As a user types it. */
  example: string
  /** Whether the user has `signalbox` at hand, which runs a project with nothing installed in it. */
  installed: boolean
}

const signalbox = { name: 'new', example: 'signalbox new my-trunk --template trunk-auth', installed: true }

export async function command(caller: Caller = signalbox): Promise<Command> {
  const titles = await templateTitles()
  return new Command(caller.name)
    .description('make a project from a template')
    .argument('[dir]', 'the folder to make; asked for on a terminal')
    .option('-t, --template <name>', 'what to start from: one of those below')
    .addHelpText('after', `\nTemplates:\n${templateList(titles)}`)
    .addHelpText('after', `\nExample:\n  $ ${caller.example}`)
    .action(async (dir: string | undefined, { template }: Partial<Wanted>, command: Command) => {
      await create(await completed({ dir, template }, titles, command), caller)
    })
}

function templateList(titles: ReadonlyMap<string, string>): string {
  const width = Math.max(...[...titles.keys()].map(({ length }) => length))
  return [...titles].map(([name, title]) => `  ${name.padEnd(width)}  ${title}`).join('\n')
}

/** What was said is examined before anything is asked. */
async function completed(
  { dir, template }: Partial<Wanted>,
  titles: ReadonlyMap<string, string>,
  command: Command,
): Promise<Wanted> {
  const names = await templateNames()
  if (template !== undefined && !names.includes(template)) throw unknownTemplate(template, names)
  if (dir !== undefined) refuseFilled(dir)
  if (dir !== undefined && template !== undefined) return { dir, template }
  if (process.stdin.isTTY && process.stdout.isTTY) {
    const { askFor } = await import('../ask.ts')
    return askFor({ dir, template }, { templates: titles, whyNot })
  }
  if (dir === undefined) command.error("error: missing required argument 'dir'", { exitCode: 2 })
  return command.error(`error: --template is missing; there is: ${names.join(', ')}`, { exitCode: 2 })
}

async function create({ dir, template }: Wanted, { installed }: Caller): Promise<void> {
  await copyTemplate(template, path.resolve(dir))
  const { registerNames } = await import('../check/check.ts')
  registerNames({ root: path.resolve(dir), routes: path.resolve(dir, 'routes', 'main.ts') })
  printGood('made', `${dir} from ${template}`)
  print('\nNext:')
  if (path.resolve(dir) !== process.cwd()) print(`  cd ${quoted(dir)}`)
  print('  npm install')
  print('  npm test         # the routes, on a network in memory')
  print('  npm run dev      # run, and reload on every save')
  if (installed) print(`\nOr at once, with nothing installed:\n  signalbox dev ${quoted(dir)}`)
}

/** As a shell takes it. */
function quoted(dir: string): string {
  return /^[\w./~-]+$/.test(dir) ? dir : `'${dir.replaceAll("'", `'\\''`)}'`
}

function unknownTemplate(template: string, names: readonly string[]): SignalboxError {
  const text = `there is no template "${template}"; there is: ${names.join(', ')}`
  const guess = nearest(template, names)
  return new SignalboxError('PROJECT', text, [{ text, ...(guess && { hint: `did you mean "${guess}"?` }) }])
}

function refuseFilled(dir: string): void {
  const refusal = whyNot(dir)
  if (refusal) throw new SignalboxError('PROJECT', refusal.text, [refusal])
}

/** What keeps a project from being made there. A repository that was just begun is empty enough. */
function whyNot(dir: string): { text: string; hint: string } | undefined {
  try {
    const entries = readdirSync(path.resolve(dir))
    if (entries.every((name) => name === '.git')) return undefined
    return { text: `${dir} is not empty`, hint: 'name a folder that does not exist yet, or empty this one' }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    return { text: `${dir} cannot be used (${code})`, hint: 'name a folder that does not exist yet' }
  }
}
