/**
 * A bundle becomes a table of routes. Compiled with `vm.compileFunction` and without V8's compilation cache, so that a generation can be
 * collected when it is done: `import()` and `require` keep every version for ever.
 */
import v8 from 'node:v8'
import vm from 'node:vm'
import type { RouteEntry, RouteTable } from '@signalbox/dsl/table'
import type { Bundle } from '../build/bundle.ts'
import { messageOf, SignalboxError, stackOf, type Problem } from '../errors.ts'
import { StackMap, type Place } from './stack-map.ts'
import { nodeRequire, type UserTimers } from './user-timers.ts'

v8.setFlagsFromString('--no-compilation-cache')

/** What a generation's code is called in stacks. */
export function generationFile(number: number): string {
  return `signalbox-generation-${number}.cjs`
}

export interface Loaded {
  readonly entries: readonly RouteEntry[]
  readonly map: StackMap
  readonly timers: UserTimers | undefined
}

/**
 * Evaluates the bundle into a table of its own. Throws `BAD_BUNDLE` with the place in the user's sources. `timersWith` makes the timers that it sees; without
 * it they are Node's.
 */
export function loadBundle(
  bundle: Bundle,
  filename: string,
  root: string,
  timersWith?: (map: StackMap) => UserTimers,
): Loaded {
  const map = new StackMap(filename, bundle.map, root)
  const timers = timersWith?.(map)
  const module = { exports: {} as { table?: RouteTable } }
  try {
    const run = compile(bundle.code, filename, timers)
    run(module, module.exports, timers?.require ?? nodeRequire)
  } catch (error) {
    throw new SignalboxError('BAD_BUNDLE', 'the routes threw while they were loaded', [problemOf(error, map)])
  }
  const { table } = module.exports
  if (table?.version !== 1 || !Array.isArray(table.entries)) {
    throw new SignalboxError('BAD_BUNDLE', 'the bundle leaves no table of routes of version 1', [])
  }
  return { entries: table.entries, map, timers }
}

/** Of a bundle whose top level does more than a table of routes takes. */
export function refusedTopLevel(text: string, place?: Place): SignalboxError {
  const hint = 'top-level code only registers routes; effects belong in onLoad'
  return new SignalboxError('BAD_BUNDLE', text, [{ text, hint, ...place }])
}

type Evaluate = (module: object, exports: object, require: unknown) => void

/** In a function within another: what the bundle itself declares by the names of timers is its own. The first line keeps its columns. */
function compile(code: string, filename: string, timers: UserTimers | undefined): Evaluate {
  const head = 'return function (module, exports, require) {'
  const options = { filename, columnOffset: -head.length }
  const functions = timers?.functions ?? {}
  const make = vm.compileFunction(`${head}${code}\n}`, Object.keys(functions), options) as (
    ...given: unknown[]
  ) => Evaluate
  return make(...Object.values(functions))
}

function problemOf(error: unknown, map: StackMap): Problem {
  const said = messageOf(error)
  return error instanceof Error ? { text: said, ...map.placeOf(stackOf(error)) } : { text: `threw ${said}` }
}
