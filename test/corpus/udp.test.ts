/** Every message of the corpus through a running proxy: verdicts met, departures named, the report as committed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { departures, rfc4475, rfc5118 } from './expectations.ts'
import { callFlows, messagesOf } from './files.ts'
import { report, reportFile } from './report.ts'
import { survey, type Finding, type Survey } from './survey.ts'

let surveyed: Survey

beforeAll(async () => {
  surveyed = await survey()
}, 60_000)

function findingOf(folder: string, file: string): Finding {
  return surveyed.findings.find((each) => each.folder === folder && each.file === file)!
}

/** A status stands for any reason phrase. */
function isMet(want: string, does: string): boolean {
  return does === want || (/^\d{3}$/.test(want) && does.startsWith(`${want} `))
}

const folders = ['rfc4475', 'rfc5118', 'valid-messages']

describe.each(folders)('%s', (folder) => {
  test.each(messagesOf(folder).map(({ file }) => file))('%s', (file) => {
    const { expectation, does, stray, routed, departure } = findingOf(folder, file)
    // RFC 6026 §7.3: what belongs to nothing goes nowhere.
    expect(stray ?? 'dropped').toBe('dropped')
    expect(routed ?? 'forwarded').toBe('forwarded')
    if (departure !== undefined) return expect(does, departure.because).toBe(departure.does)
    expect(expectation.wants[0], `does: ${does}`).toSatisfy((want: string) => isMet(want, does))
  })
})

describe('call flows', () => {
  test.each(callFlows().map(({ name }) => name))('%s', (name) => {
    const { does, departure } = surveyed.flows.find((flow) => flow.name === name)!
    expect(does, departure?.because).toBe(departure?.does ?? 'as drawn')
  })
})

test('the tables name the messages that are there, and every departure departs', () => {
  expect(Object.keys(rfc4475).sort()).toEqual(
    messagesOf('rfc4475')
      .map(({ file }) => file)
      .sort(),
  )
  expect(Object.keys(rfc5118).sort()).toEqual(
    messagesOf('rfc5118')
      .map(({ file }) => file)
      .sort(),
  )
  const departing = surveyed.findings.filter(({ departure }) => departure !== undefined)
  for (const { does, file, expectation } of departing) expect(isMet(expectation.wants[0]!, does), file).toBe(false)
  const named = [
    ...departing.map(({ folder, file }) => `${folder}/${file}`),
    ...surveyed.flows.flatMap(({ name, departure }) => (departure === undefined ? [] : name)),
  ]
  expect(named.sort()).toEqual(Object.keys(departures).sort())
})

test('docs/corpus.md is what this run says: else UPDATE_REPORT=1', async () => {
  const text = await report(surveyed)
  if (process.env['UPDATE_REPORT'] !== undefined) writeFileSync(reportFile, text)
  expect(existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : '').toBe(text)
})
