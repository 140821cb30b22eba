/**
 * One run of esbuild, with the options that a bundle of routes and a config have in common: one CommonJS text that
 * `vm.compileFunction` takes, and a source map. Neither says where on this machine anything lies: the same sources are the same bytes
 * everywhere. Nothing is written.
 */
import path from 'node:path'
import type { BuildFailure, BuildOptions, BuildResult, Message } from 'esbuild'
import { SignalboxError, type Problem } from '../errors.ts'
import { portablePath, sharedDsl } from './dsl-resolver.ts'
import { problemOf } from './esbuild-problem.ts'

export interface BuiltText {
  code: string
  /** Its sources are relative to the root. */
  map: string
  /** Absolute paths. */
  inputs: string[]
  /** What esbuild doubts in the project's own files. */
  warnings: Problem[]
}

type Entry = Pick<BuildOptions, 'entryPoints' | 'stdin'>

/** Loaded when somebody builds: who runs a finished bundle needs none. */
let esbuild: Promise<typeof import('esbuild')> | undefined

/** esbuild has one process for everybody: it may be stopped only when nobody builds. */
let running = 0

/** Throws `BUILD`. Bare imports are resolved from `root`. */
export async function runEsbuild(entry: Entry, root: string): Promise<BuiltText> {
  const { build } = await (esbuild ??= import('esbuild'))
  running++
  const result = await build({ ...entry, ...optionsFor(root) })
    .catch((failure: unknown) => {
      throw isBuildFailure(failure) ? buildError(failure.errors, root) : failure
    })
    .finally(() => running--)
  // Only a warning to esbuild; whoever asks where he is would be told `undefined`.
  const placeless = result.warnings.filter(({ id }) => id === 'empty-import-meta')
  if (placeless.length > 0) throw buildError(placeless, root)
  const [map, code] = [outputOf(result, '.map'), outputOf(result, '.js')]
  const warnings = result.warnings.map((message) => problemOf(message, root))
  return { ...withoutMachine(code, map, result.metafile?.inputs ?? {}, root), inputs: inputsOf(result, root), warnings }
}

/** Ends esbuild's own process, which otherwise waits for the next build. One starts again when it is needed. */
export async function stopBuilder(): Promise<void> {
  if (esbuild !== undefined && running === 0) await (await esbuild).stop()
}

function optionsFor(root: string) {
  return {
    absWorkingDir: root,
    bundle: true,
    format: 'cjs',
    // Sources are ES modules, which are strict; CommonJS is not unless it says so. The map counts the line.
    banner: { js: '"use strict";' },
    platform: 'node',
    target: 'node20',
    // Code that `vm` has compiled can import nothing later on: what of `import()` is left, of Node's own modules, is a `require` in a promise.
    supported: { 'dynamic-import': false },
    keepNames: true,
    sourcemap: 'external',
    sourcesContent: true,
    metafile: true,
    write: false,
    // Names the output only; the map's sources are relative to it.
    outfile: path.join(root, 'bundle.js'),
    logLevel: 'silent',
    plugins: [sharedDsl(root)],
  } satisfies BuildOptions
}

function isBuildFailure(failure: unknown): failure is BuildFailure {
  return failure instanceof Error && 'errors' in failure && Array.isArray(failure.errors)
}

function buildError(messages: readonly Message[], root: string): SignalboxError {
  const problems = messages.map((message) => problemOf(message, root))
  return new SignalboxError('BUILD', problems[0]?.text ?? 'the sources do not bundle', problems)
}

function outputOf(result: BuildResult, extension: string): string {
  const file = result.outputFiles?.find((candidate) => candidate.path.endsWith(extension))
  if (!file) throw new Error(`esbuild left no ${extension} file`)
  return file.text
}

/** In the map, and in the comments that esbuild writes above each part. */
function withoutMachine(code: string, json: string, inputs: object, root: string): Pick<BuiltText, 'code' | 'map'> {
  const portable = (file: string) => portablePath(path.resolve(root, file), root)
  const parts = new Map(Object.keys(inputs).map((file) => [`// ${file}`, `// ${portable(file)}`]))
  const map = JSON.parse(json) as { sources: string[] }
  return {
    code: code.replace(/^\/\/ .*$/gm, (comment) => parts.get(comment) ?? comment),
    map: JSON.stringify({ ...map, sources: map.sources.map(portable) }),
  }
}

/** A virtual module such as the entry has no file to watch. */
function inputsOf(result: BuildResult, root: string): string[] {
  return Object.keys(result.metafile?.inputs ?? {})
    .filter((input) => !/^<|^[\w-]{2,}:/.test(input))
    .map((input) => path.resolve(root, input))
}
