/**
 * Three projects: `unit`, which is everything without a network; `interop`, which runs real peers afterwards and one file at a time, since
 * they time each other; and `netns`, which does so over bad lines.
 */
import { defineConfig } from 'vitest/config'

const interop = 'test/interop/**/*.test.ts'
const netns = 'test/netns/**/*.test.ts'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', interop, netns],
          testTimeout: 10_000,
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
    ],
  },
})
