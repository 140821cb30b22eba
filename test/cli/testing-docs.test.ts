/** The examples of docs/testing.md as one project: types checked, tests run, as they stand there. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runCli } from './cli-process.ts'
import { tempProject } from './temp-project.ts'

const CHILDREN = 60_000

/** Path → text of each example. */
async function examples(): Promise<Record<string, string>> {
  const text = await readFile(fileURLToPath(new URL('../../docs/testing.md', import.meta.url)), 'utf8')
  const blocks = [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, block]) => block!)
  return Object.fromEntries(blocks.map((block) => [/^\/\/ (\S+)\n/.exec(block)?.[1], block]))
}

test('they compile and pass', { timeout: CHILDREN }, async () => {
  const files = await examples()
  const tests = Object.keys(files).filter((name) => name.endsWith('.test.ts'))
  expect(tests.length).toBeGreaterThan(5)
  expect(Object.keys(files)).not.toContain('undefined')
  const dir = await tempProject(files)
  const checked = await runCli(['check', dir])
  expect(checked).toMatchObject({ code: 0, stdout: 'ok 1 warning\n' })
  expect(checked.stderr).toMatch(/^warning\[secret\] /)
  const { code, stdout, stderr } = await runCli(['test', dir], { NO_COLOR: '1' })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(new RegExp(`Test Files +${tests.length} passed \\(${tests.length}\\)`))
})
