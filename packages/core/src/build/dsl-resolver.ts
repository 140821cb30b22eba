/**
 * Which copy of the dsl goes into a bundle: the one installed in the project, else the core's own. The routes' import and
 * our import of the table must meet in one copy, since the table is a variable of that module.
 */
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Plugin } from 'esbuild'

const names = ['@signalbox/dsl', '@signalbox/dsl/table']

const ownDsl = path.dirname(createRequire(import.meta.url).resolve('@signalbox/dsl/package.json'))

/** Relative to the root, with `/`. The core's own copy of the dsl, which may lie anywhere, goes by its name. */
export function portablePath(file: string, root: string): string {
  const inDsl = path.relative(ownDsl, file)
  const name = inDsl.startsWith('..') ? path.relative(root, file) : path.join('@signalbox/dsl', inDsl)
  return name.replaceAll(path.sep, '/')
}

export function sharedDsl(root: string): Plugin {
  return {
    name: 'shared-dsl',
    setup(build) {
      const paths = resolveDsl(root)
      build.onResolve({ filter: /^@signalbox\/dsl(\/table)?$/ }, ({ path: name }) => ({ path: paths.get(name)! }))
    },
  }
}

function resolveDsl(root: string): Map<string, string> {
  return resolveFrom(path.join(root, 'package.json')) ?? resolveFrom(import.meta.url)!
}

/** Both or none: a copy without a table is no copy for us. */
function resolveFrom(file: string): Map<string, string> | undefined {
  const require = createRequire(file)
  try {
    return new Map(names.map((name) => [name, require.resolve(name)]))
  } catch (error) {
    if (file === import.meta.url || !isUnresolvable(error)) throw error
    return undefined
  }
}

function isUnresolvable(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED'
}
