/** The public surface: `docs/api` is what the packages export, each export has a docstring, and the reference can be made of them. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const api = (...args: string[]) => spawnSync(process.execPath, ['scripts/api.mjs', ...args], { encoding: 'utf8' })

test('docs/api is what is exported: else node scripts/api.mjs --write', { timeout: 60_000 }, () => {
  const { status, stderr } = api()
  expect([status, stderr]).toEqual([0, ''])
})

test('the reference is made of the docstrings', { timeout: 120_000 }, () => {
  const { status, stdout, stderr } = api('--reference')
  expect([status, stderr, stdout]).toEqual([0, '', '.cache/api/index.html\n'])
})
