import { expect, it } from 'vitest'
import { parseMetrics } from './metrics.mjs'

const text = `# HELP signalbox_requests_total Requests received
# TYPE signalbox_requests_total counter
signalbox_requests_total{method="INVITE"} 12
signalbox_requests_total{method="BYE"} 3
process_resident_memory_bytes 1.5e+8
`

it('a metric is told by its label', () => {
  const { by } = parseMetrics(text)
  expect(by('signalbox_requests_total')).toEqual({ INVITE: 12, BYE: 3 })
  expect(by('signalbox_dialogs')).toEqual({})
})

it('samples are summed over their labels, or are those of one', () => {
  const { value } = parseMetrics(text)
  expect(value('signalbox_requests_total')).toBe(15)
  expect(value('signalbox_requests_total', 'method="BYE"')).toBe(3)
  expect(value('process_resident_memory_bytes')).toBe(150_000_000)
  expect(value('signalbox_dialogs')).toBe(0)
})
