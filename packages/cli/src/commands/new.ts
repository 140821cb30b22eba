/** `signalbox new`: a project from a template. It runs as it is; `npm install` is for editors and tests. */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { Command } from 'commander'
import { nearest, SignalboxError } from '@signalbox/core/build'
import { print, printGood } from '../output.ts'
import { copyTemplate, templateNames, templateTitles } from '../templates.ts'

export async function command(): Promise<Command> {
  const list = templateList(await templateTitles())
  return new Command('new')
    .description('make a project from a template')
    .argument('<dir>', 'the folder to make')
    .option('-t, --template <name>', 'what to start from: one of those below')
    .addHelpText('after', `\nTemplates:\n${list}`)
    .addHelpText('after', '\nExample:\n  $ signalbox new my-trunk --template trunk-auth')
    .action(create)
}

function templateList(titles: ReadonlyMap<string, string>): string {
  const width = Math.max(...[...titles.keys()].map(({ length }) => length))
  return [...titles].map(([name, title]) => `  ${name.padEnd(width)}  ${title}`).join('\n')
}

async function create(dir: string, { template }: { template?: string }, command: Command): Promise<void> {
  const names = await templateNames()
  if (template === undefined)
    command.error(`error: --template is missing; there is: ${names.join(', ')}`, { exitCode: 2 })
  if (!names.includes(template)) throw unknownTemplate(template, names)
  const target = path.resolve(dir)
  await refuseFilled(target)
  await copyTemplate(template, target)
  const { registerNames } = await import('../check/check.ts')
  registerNames({ root: target, routes: path.join(target, 'routes', 'main.ts') })
  printGood('made', `${dir} from ${template}`)
  print(`\nNext:\n  signalbox dev ${dir}`)
}

function unknownTemplate(template: string, names: readonly string[]): SignalboxError {
  const text = `there is no template "${template}"; there is: ${names.join(', ')}`
  const guess = nearest(template, names)
  return new SignalboxError('PROJECT', text, [{ text, ...(guess && { hint: `did you mean "${guess}"?` }) }])
}

async function refuseFilled(dir: string): Promise<void> {
  const entries = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    const text = `${dir} cannot be used (${error.code})`
    throw new SignalboxError('PROJECT', text, [{ text, hint: 'name a folder that does not exist yet' }])
  })
  if (entries.length === 0) return
  const text = `${dir} is not empty`
  throw new SignalboxError('PROJECT', text, [
    { text, hint: 'name a folder that does not exist yet, or empty this one' },
  ])
}
