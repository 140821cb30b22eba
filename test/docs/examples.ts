/**
 * The TypeScript of the docs as files that compile: the fenced `ts` blocks of every page, and each `@example` of the route API. A block without
 * imports is a piece of something, and gets around it what its page leaves out.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const root = path.resolve(import.meta.dirname, '../..')

export interface Example {
  /** `README.md:8`. */
  where: string
  kind: 'routes' | 'test' | 'config' | 'piece'
  /** As it stands there. */
  block: string
  /** What is compiled. */
  text: string
}

export function examples(): Example[] {
  return [...pages().flatMap(blocksOf), ...sources().flatMap(examplesOf)]
}

function pages(): string[] {
  const folders = ['.', 'docs', ...under('packages'), ...under('templates')]
  return folders.flatMap((folder) => filesIn(folder, '.md'))
}

function sources(): string[] {
  return filesIn('packages/dsl/src', '.ts').filter((file) => !file.includes('.test'))
}

function under(folder: string): string[] {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${folder}/${name}`)
}

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => path.posix.join(folder, name))
}

function blocksOf(file: string): Example[] {
  const text = readFileSync(path.join(root, file), 'utf8')
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => exampleOf(file, text, match))
}

/** Up to the next empty line or tag of its comment. */
function examplesOf(file: string): Example[] {
  const text = readFileSync(path.join(root, file), 'utf8')
  return [...text.matchAll(/^ *\* @example\n((?: *\* .+\n)+)/gm)].map((match) => exampleOf(file, text, match))
}

function exampleOf(file: string, text: string, match: RegExpExecArray): Example {
  const where = `${file}:${text.slice(0, match.index).split('\n').length}`
  const block = match[1]!.replaceAll(/^ *\* /gm, '')
  const kind = kindOf(block)
  return { where, kind, block, text: surrounded(block, kind) }
}

function kindOf(block: string): Example['kind'] {
  if (block.includes("from 'vitest'")) return 'test'
  if (block.includes('defineConfig')) return 'config'
  if (/^\w+: /.test(block)) return 'config'
  if (/^on[A-Z]\w+\(/m.test(block)) return 'routes'
  return 'piece'
}

const routeKinds =
  'onBranch, onBranchFailure, onDispose, onEvent, onFailure, onInDialog, onLoad, onLocal, onReply, onRequest'

/** A piece stands in some handler: it may use what any of them has. */
const anyHandler = `import type { FailureContext, InDialogContext } from '@signalbox/dsl'
declare const call: InDialogContext & FailureContext
const { req, res, relay, fork, reply, redirect, drop, registrar, uac, sql, vars, log, signal, done, responses, canceled } = call
void [req, res, relay, fork, reply, redirect, drop, registrar, uac, sql, vars, log, signal, done, responses, canceled]
`

function surrounded(block: string, kind: Example['kind']): string {
  if (/^import /m.test(block)) return block
  if (kind === 'routes') return `import { ${routeKinds} } from '@signalbox/dsl'\n${block}\nexport {}\n`
  if (kind === 'config') {
    const whole = block.includes('defineConfig') ? block : `export default defineConfig({\n${block}})\n`
    return `import { defineConfig } from '@signalbox/dsl'\n${whole}`
  }
  return `${anyHandler}${block.includes('declare module') ? block : `export async function piece() {\n${block}}\n`}\nexport {}\n`
}
