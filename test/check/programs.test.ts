/** Programs that are known to be right: the templates, and those that run against real peers. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { checked, COMPILER } from './checked.ts'

const root = path.join(import.meta.dirname, '../..')
const folder = (name: string) => readdirSync(path.join(root, name))
const programs = [
  ...folder('test/interop/programs').map((file) => `test/interop/programs/${file}`),
  ...folder('templates').map((name) => `templates/${name}/routes/main.ts`),
]

test.each(programs)('%s: nothing is found but passwords in the source', { timeout: COMPILER }, (file) => {
  const findings = checked(readFileSync(path.join(root, file), 'utf8'))
  expect(findings.filter(({ id }) => id !== 'secret')).toEqual([])
})
