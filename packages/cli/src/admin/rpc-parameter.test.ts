import { expect, test } from 'vitest'
import { rpcParameter } from './rpc-parameter.ts'

test.each([
  ['bob', 'bob'],
  ['5', 5],
  ['-1', -1],
  ['0.5', 0.5],
  ['s:5', '5'],
  ['s:', ''],
  ['', ''],
  ['00491701234', '00491701234'],
  ['+4917', '+4917'],
  ['1e3', '1e3'],
  ['Infinity', 'Infinity'],
  ['123456789012345678901', '123456789012345678901'],
])('%j is %j', (word, parameter) => {
  expect(rpcParameter(word)).toBe(parameter)
})
