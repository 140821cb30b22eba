/**
 * A bundle becomes a table of routes. Compiled with `vm.compileFunction` and without V8's compilation cache, so that a generation can be
 * collected when it is done: `import()` and `require` keep every version for ever.
 */
import { createRequire } from 'node:module'
import v8 from 'node:v8'
import vm from 'node:vm'
import type { RouteEntry, RouteTable } from '@signalbox/dsl/table'
import type { Bundle } from '../build/bundle.ts'
import { SignalboxError, type Problem } from '../errors.ts'
import { StackMap } from './stack-map.ts'

v8.setFlagsFromString('--no-compilation-cache')

/** Only what Node brings: everything else is in the bundle. */
const nodeRequire = createRequire(import.meta.url)

/** What a generation's code is called in stacks. */
export function generationFile(number: number): string {
  return `signalbox-generation-${number}.cjs`
}

export interface Loaded {
  readonly entries: readonly RouteEntry[]
  readonly map: StackMap
}

/** Evaluates the bundle into a table of its own. Throws `BAD_BUNDLE` with the place in the user's sources. */
export function loadBundle(bundle: Bundle, filename: string, root: string): Loaded {
  const map = new StackMap(filename, bundle.map, root)
  const module = { exports: {} as { table?: RouteTable } }
  try {
    const run = vm.compileFunction(bundle.code, ['module', 'exports', 'require'], { filename })
    run(module, module.exports, nodeRequire)
  } catch (error) {
    throw new SignalboxError('BAD_BUNDLE', 'the routes threw while they were loaded', [problemOf(error, map)])
  }
  const { table } = module.exports
  if (table?.version !== 1 || !Array.isArray(table.entries)) {
    throw new SignalboxError('BAD_BUNDLE', 'the bundle leaves no table of routes of version 1', [])
  }
  return { entries: table.entries, map }
}

function problemOf(error: unknown, map: StackMap): Problem {
  if (!(error instanceof Error)) return { text: `threw ${String(error)}` }
  return { text: `${error.name}: ${error.message}`, ...map.placeOf(error.stack ?? '') }
}
