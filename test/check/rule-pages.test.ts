/** The page of each rule: what it says of the rule, and that its examples are what it calls them. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { rules } from '../../packages/cli/src/check/rules/rules.ts'
import { checked, COMPILER } from './checked.ts'

const docs = path.join(import.meta.dirname, '../../docs')
const ids = [...rules.map(({ id }) => id), 'waiver']

function pageOf(id: string) {
  const text = readFileSync(path.join(docs, 'rules', `${id}.md`), 'utf8')
  const [wrong, right] = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!)
  return { text, wrong: wrong!, right: right! }
}

test('every rule has a page, and there are no others', () => {
  expect(readdirSync(path.join(docs, 'rules')).toSorted()).toEqual(ids.map((id) => `${id}.md`).toSorted())
  const list = readFileSync(path.join(docs, 'check.md'), 'utf8')
  for (const id of ids) expect(list).toContain(`[${id}](rules/${id}.md)`)
})

test.each(rules)('$id: its page says how severe it is, and why', ({ id, severity }) => {
  const { text } = pageOf(id)
  expect(text).toMatch(new RegExp(`^# ${id}\n\n${severity}: `, 'i'))
  expect(text).toMatch(/\n## Wrong\n[^]*\n## Right\n/)
})

describe.each(ids)('%s', (id) => {
  test('the wrong example has this finding and no other', { timeout: COMPILER }, () => {
    expect(checked(pageOf(id).wrong).map((finding) => finding.id)).toEqual([id])
  })

  test('the right one has none', { timeout: COMPILER }, () => {
    expect(checked(pageOf(id).right)).toEqual([])
  })
})
