/**
 * Reads `signalbox.config.ts`: bundled as the routes are, evaluated once, its default export returned as it is. What it
 * means is `config/config.ts`.
 */
import { existsSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import path from 'node:path'
import { messageOf, SignalboxError, type Problem } from '../errors.ts'
import { runEsbuild, type BuiltText } from './esbuild.ts'
import { evaluateConfig, evaluateConfigAside } from './evaluate-config.ts'

/** How a config is evaluated. */
export interface LoadOptions {
  aside?: boolean
  /** Is given the variables of the environment that it asked for and that are not set here. Not with `aside`. */
  missed?: Set<string>
}

/**
 * Throws `BUILD` or `CONFIG`. Without the file, but with a `routes/main.ts` beside it, everything has its default. `aside`: in a thread of its own,
 * with a deadline, because calls are served meanwhile.
 */
export async function loadConfigFile(file: string, { aside = false, missed }: LoadOptions = {}): Promise<unknown> {
  if (!existsSync(file)) return withoutFile(file)
  const built = await runEsbuild({ entryPoints: [file] }, path.dirname(file))
  try {
    const config = { code: built.code, file }
    return await (aside ? evaluateConfigAside(config) : evaluateConfig(config, missed))
  } catch (error) {
    const problem = {
      ...placeOf(error, file, built),
      text: messageOf(error),
      hint: 'the config threw while it was read',
    }
    throw new SignalboxError('CONFIG', problem.text, [problem])
  }
}

function withoutFile(file: string): unknown {
  const dir = path.dirname(file)
  if (existsSync(path.join(dir, 'routes', 'main.ts'))) return {}
  const text = existsSync(dir)
    ? `${dir} is not a Signalbox project: it has neither ${path.basename(file)} nor routes/main.ts`
    : `there is no folder ${dir}`
  const hint = 'name the folder of a project, or make one: signalbox new DIR --template trunk-auth'
  throw new SignalboxError('CONFIG', text, [{ text, hint }])
}

/** The innermost place of the config's own code. */
function placeOf(error: unknown, file: string, built: BuiltText): Partial<Problem> {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const frame = stack.split('\n').find((line) => line.includes(`${file}:`))
  const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frame ?? '') ?? []
  if (line === undefined || column === undefined) return { file }
  const payload = JSON.parse(built.map) as SourceMapPayload
  const entry = new SourceMap(payload).findEntry(Number(line) - 1, Number(column) - 1)
  if (!('originalLine' in entry)) return { file }
  const source = payload.sourcesContent[payload.sources.indexOf(entry.originalSource)]
  const place = {
    file: path.resolve(path.dirname(file), entry.originalSource),
    line: entry.originalLine + 1,
    column: entry.originalColumn + 1,
  }
  const lineText = source?.split('\n')[entry.originalLine]
  return lineText === undefined ? place : { ...place, lineText }
}
