/**
 * Four projects: `unit`, which is everything without a network; `interop`, which runs real peers afterwards and one file at a time, since
 * they time each other; `netns`, which does so over bad lines; and `packages`, which installs what would be published and uses it.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const interop = 'test/interop/**/*.test.ts'
const netns = 'test/netns/**/*.test.ts'
const packages = 'test/packages/**/*.test.ts'

/** Read by `test/corpus/files.ts`. CI has the corpus, so there its absence is a failure; elsewhere it is said, and the rest is run. */
const needCorpus = ['test/corpus/*.test.ts', 'packages/core/src/message/{corpus,framing,fuzz}.test.ts']
const corpus = process.env['SIGNALBOX_CORPUS'] ?? join(import.meta.dirname, '../shared/corpus')
const withoutCorpus = !process.env['CI'] && !existsSync(corpus)
if (withoutCorpus) console.warn(`NOT RUN, for want of the message corpus in ${corpus}: ${needCorpus.join(', ')}`)

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'bench/*.test.mjs'],
          exclude: ['**/node_modules/**', '**/dist/**', interop, netns, packages, ...(withoutCorpus ? needCorpus : [])],
          // Many start a program, and other suites run beside them.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'interop',
          include: [interop],
          testTimeout: 60_000,
          hookTimeout: 20_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'netns',
          include: [netns],
          testTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'packages',
          include: [packages],
          globalSetup: 'test/packages/install.ts',
          testTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
