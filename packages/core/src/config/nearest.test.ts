import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

const keys = ['routes', 'listen', 'aliases', 'admin', 'timers', 'uac']

test.each([
  ['lisen', 'listen'],
  ['LISTEN', 'listen'],
  ['route', 'routes'],
  ['uca', 'uac'],
  ['adm', 'admin'],
  ['dashboard', undefined],
  ['x', undefined],
])('%s was meant to be %s', (word, expected) => {
  expect(nearest(word, keys)).toBe(expected)
})
