/**
 * Whose vitest and whose test kit run a project's tests. The kit imports vitest, so they go together: where the project lacks one of them both are
 * ours, so that there is one copy of vitest and the kit's matchers are known to it.
 */
import { createRequire } from 'node:module'
import path from 'node:path'

export function hasOwnKit(root: string): boolean {
  const require = createRequire(path.join(root, 'package.json'))
  return ['@signalbox/core/testing', 'vitest/package.json'].every((name) => resolves(require, name))
}

function resolves(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return false
    throw error
  }
}
