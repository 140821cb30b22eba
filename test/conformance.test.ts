/** docs/conformance.md lists every clause with its tests; `UPDATE_REPORT=1` makes it so. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('docs/conformance.md is what the titles of the tests say: else UPDATE_REPORT=1', () => {
  const args = process.env['UPDATE_REPORT'] === undefined ? [] : ['--write']
  const { status, stderr } = spawnSync(process.execPath, ['scripts/conformance.mjs', ...args], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
}, 20_000)
