/** How a Max-Breadth is shared out. */
import { expect, it } from 'vitest'
import { parsed, requestText } from '../testing/layer-rig.ts'
import { breadthShare } from './max-breadth.ts'

function share(value: string | undefined, branches: number): number | undefined {
  const lines = value === undefined ? [] : [`Max-Breadth: ${value}`]
  return breadthShare(parsed(requestText({ lines })), branches)
}

it.each<[string | undefined, number, number | undefined]>([
  ['60', 1, 60],
  ['60', 7, 8],
  ['3', 3, 1],
  ['2', 3, 0],
  ['0', 1, 0],
  ['007', 2, 3],
  [undefined, 1, undefined],
  [undefined, 0, undefined],
  [undefined, 2, 30],
  [undefined, 60, 1],
  [undefined, 61, 0],
  ['-1', 2, 30],
  ['x', 1, 60],
])('RFC 5393 §5.3.3: of %s for %d branches each has %s', (value, branches, each) =>
  expect(share(value, branches)).toBe(each),
)
