/**
 * Two projects: `unit`, which is everything without a network, and `interop`, which runs real peers afterwards and one file at a
 * time, since they time each other.
 */
import { defineConfig } from 'vitest/config'

const interop = 'test/interop/**/*.test.ts'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', interop],
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
    ],
  },
})
