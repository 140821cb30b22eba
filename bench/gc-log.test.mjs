import { expect, it } from 'vitest'
import { parseGcLog } from './gc-log.mjs'

const text = `{"level":"info","msg":"ready"}
[30768:0x1d61bee0]      333 ms: Scavenge 97.3 (130.9) -> 90.3 (130.9) MB, 1.75 / 0.00 ms  (average mu = 0.729, current mu = 0.729) allocation failure; 
[30768:0x2e61bee0]      340 ms: Mark-Compact 9.3 (13.9) -> 7.3 (13.9) MB, 99.75 / 0.00 ms  (average mu = 0.729, current mu = 0.729) task; 
[30768:0x1d61bee0]      658 ms: Mark-Compact 257.7 (293.1) -> 2.5 (234.7) MB, 20.10 / 0.00 ms  (+ 0.2 ms in 3 steps since start of marking) finalize incremental marking via stack guard; GC in old space requested
[30768:0x1d61bee0]     1658 ms: Mark-Compact (reduce) 25.7 (29.1) -> 3.0 (23.7) MB, 2.10 / 0.00 ms  (average mu = 0.5) idle task
`

it('what lives after a full collection, and the longest pause, of the thread that collects most', () => {
  expect(parseGcLog(text)).toEqual({
    full: [
      [658, 2.5 * 2 ** 20],
      [1658, 3 * 2 ** 20],
    ],
    longest: 20.1,
  })
})

it('without a collection there is nothing', () => {
  expect(parseGcLog('{"level":"info"}\n')).toEqual({ full: [], longest: 0 })
})
