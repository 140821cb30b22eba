import type { SqlValue } from '@signalbox/dsl'
import { describe, expect, test } from 'vitest'
import { bound, textOf } from './statement.ts'

/** The template itself, as a tag gets it. */
const template = (strings: TemplateStringsArray, ..._values: unknown[]): TemplateStringsArray => strings

test('a value leaves a ? behind, and nothing of itself', () => {
  expect(textOf(template`select 1 where a = ${"x' or '1'='1"} and b = ${2}`)).toBe('select 1 where a = ? and b = ?')
})

describe('refused', () => {
  test.each(['select 1', ['select 1'], undefined])('%j in the place of a template', (text) => {
    expect(() => textOf(text as unknown as TemplateStringsArray)).toThrow(expect.objectContaining({ code: 'BAD_SQL' }))
  })

  test.each([
    [template`select ? where a = ${1}`, 'has no value'],
    [template`select 1; drop table t`, 'one statement at a time'],
    [template`delete from t where a = ${1}; delete from u`, 'one statement at a time'],
    [template`select 'a;b' /* ; */; select 2`, 'one statement at a time'],
  ])('%j', (text, why) => {
    expect(() => textOf(text)).toThrow(
      expect.objectContaining({ code: 'BAD_SQL', message: expect.stringContaining(why) }),
    )
  })

  test.each([
    [undefined, 'undefined'],
    [{}, 'an object'],
    [[1], 'an object'],
    [Promise.resolve(), 'an object'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [2n ** 63n, 'a bigint'],
    [-(2n ** 63n) - 1n, 'a bigint'],
    [new Date(NaN), 'a Date without a time'],
    [Symbol('secret'), 'a symbol'],
    [() => 'secret', 'a function'],
  ])('%s as a value, without showing it', (value, what) => {
    const refused = expect.objectContaining({
      code: 'BAD_SQL',
      message: expect.stringMatching(`^value 3 of the statement is ${what}: `),
    })
    expect(() => bound(value as SqlValue, 3)).toThrow(refused)
  })
})

test.each([
  [
    template`select '?;?' as "a?;b", \`c?\` -- ?;?
    from t /* ? ; ? */`,
  ],
  [template`select 'it''s; ?' as a;`],
  [template`create trigger t after insert on a begin delete from b; delete from c; end`],
])('%j is one statement without a stray ?', (text) => {
  expect(textOf(text)).toBe(text.join('?'))
})

test.each([
  ['x', 'x'],
  [1.5, 1.5],
  [2n ** 63n - 1n, 2n ** 63n - 1n],
  [true, 1],
  [false, 0],
  [null, null],
  [new Date('2026-05-06T07:08:09.999Z'), '2026-05-06 07:08:09'],
])('%s is bound as %s', (value, expected) => {
  expect(bound(value, 1)).toBe(expected)
})
