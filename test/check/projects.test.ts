/** Tiny projects, good ones and ones with a planted mistake. Each says in its first lines what is to be found, and where. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { rules } from '../../packages/cli/src/check/rules/rules.ts'
import { checked, COMPILER, spots } from './checked.ts'

const folder = path.join(import.meta.dirname, 'projects')
const projects = readdirSync(folder).map((file) => {
  const text = readFileSync(path.join(folder, file), 'utf8')
  const expected = [...text.matchAll(/^\/\/ expected: ([\w-]+) (\d+)$/gm)].map(([, id, line]) => `${id} ${line}`)
  return { file, text, expected }
})

const good = projects.filter(({ file }) => file.startsWith('good-'))
const bad = projects.filter(({ file }) => file.startsWith('bad-'))

test('there are twenty of each, and every rule has a mistake', () => {
  expect(good.length).toBeGreaterThanOrEqual(20)
  expect(bad.length).toBeGreaterThanOrEqual(20)
  for (const { text } of good) expect(text).toMatch(/^\/\/ expected: nothing\n/)
  for (const { expected } of bad) expect(expected).not.toEqual([])
  const found = new Set(bad.flatMap(({ expected }) => expected.map((each) => each.split(' ')[0])))
  expect([...found].toSorted()).toEqual([...rules.map(({ id }) => id), 'waiver'].toSorted())
})

describe('no false alarm', () => {
  test.each(good)('$file', { timeout: COMPILER }, ({ text }) => {
    expect(checked(text)).toEqual([])
  })
})

describe('no miss', () => {
  test.each(bad)('$file', { timeout: COMPILER }, ({ text, expected }) => {
    expect(spots(checked(text))).toEqual(expected)
  })
})
