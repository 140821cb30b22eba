import { expect, test } from 'vitest'
import { codeFrame } from './code-frame.ts'

test('the place, the line, a caret below it, and how to mend it', () => {
  const frame = codeFrame({
    text: 'Expected ";"',
    file: '/p/routes/main.ts',
    line: 12,
    column: 5,
    length: 3,
    lineText: 'let foo bar',
    hint: 'write a semicolon',
  })
  expect(frame).toBe(
    ['/p/routes/main.ts:12:5: Expected ";"', '  12 | let foo bar', '     |     ^^^', '  write a semicolon'].join('\n'),
  )
})

test('tabs stay tabs above the caret', () => {
  const frame = codeFrame({ text: 'x', file: 'a', line: 1, column: 3, lineText: '\t\tx' })
  expect(frame.split('\n')[2]).toBe('    | \t\t^')
})

test('the caret does not run past the line', () => {
  const frame = codeFrame({ text: 'x', file: 'a', line: 1, column: 3, length: 99, lineText: 'abcd' })
  expect(frame.split('\n')[2]).toBe('    |   ^^')
})

test('a problem without a place is its text', () => {
  expect(codeFrame({ text: 'no' })).toBe('no')
  expect(codeFrame({ text: 'no', file: 'a.ts' })).toBe('a.ts: no')
})
