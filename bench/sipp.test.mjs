import { expect, it } from 'vitest'
import { parseStatistics } from './sipp.mjs'

const head = 'StartTime;SuccessfulCall(P);SuccessfulCall(C);FailedCall(C);Retransmissions(C);'

it('the last line counts, if it is whole', () => {
  expect(parseStatistics(`${head}\nx;1;1;0;0;\nx;4;5;1;2;\n`)).toEqual({ completed: 5, failed: 1, retransmissions: 2 })
  expect(parseStatistics(`${head}\nx;1;1;0;0;\nx;4;5`)).toMatchObject({ completed: 1 })
})

it('SIPp that has written nothing yet has done nothing', () => {
  expect(parseStatistics('')).toEqual({ completed: 0, failed: 0, retransmissions: 0 })
})
