/**
 * The config that vitest runs a project's tests with when the project has none of its own. Vitest loads it, in the project's folder. What the
 * project has not installed is taken from here.
 */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { hasOwnKit } from './own-kit.ts'

/** What a test imports that a folder without node_modules has not. */
const ours = /^(?:@signalbox\/(?:core|dsl|cli)|vitest)(?:\/|$)/

const root = process.cwd()
const self = fileURLToPath(import.meta.url)

export default defineConfig({
  // Vitest's own place is node_modules, which a project need not have.
  cacheDir: path.join(root, '.signalbox', 'vitest'),
  plugins: [
    {
      name: 'signalbox-fallback',
      enforce: 'pre',
      resolveId(source, importer, options) {
        if (!ours.test(source) || hasOwnKit(root)) return null
        return this.resolve(source, importer && self, { ...options, skipSelf: true })
      },
    },
  ],
  test: {
    include: ['test/**/*.test.ts'],
    // No test imports the routes or the config: a save of any file runs all of them.
    forceRerunTriggers: ['**/*.ts'],
    // Node loads what is built itself, wherever it lies: nothing of it has to be transformed.
    server: { deps: { external: [/\/dist\/.*\.js$/] } },
  },
})
