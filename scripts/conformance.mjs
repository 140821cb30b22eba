/**
 * docs/conformance.md: clause → tests, read from the titles of the tests. `node scripts/conformance.mjs` says whether it is what the titles
 * say, `--write` makes it so. A clause without a test fails, and so does a title that cites one that is not listed.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'prettier'
import { chapters, departures } from './conformance-clauses.mjs'
import { main, Refusal, root } from './run.mjs'
import { testTitles } from './test-titles.mjs'

const file = join(root, 'docs', 'conformance.md')

/** Of the other clauses only some tests cite what they obey: no list could be complete. */
const listed = /^RFC (3261 §(9|10\.[23]|16|17|18)(\.|$| )|3326|3581|4320|5393|6026)/

async function conformance(args) {
  const tests = testsByClause()
  refuseGaps(tests)
  const text = await format(report(tests), { parser: 'markdown', printWidth: 120 })
  if (args.includes('--write')) writeFileSync(file, text)
  else if (textOf(file) !== text)
    throw new Refusal('docs/conformance.md is stale: node scripts/conformance.mjs --write')
  return 0
}

/** Clause → `{ file, title, pattern }` of each test that cites it. */
function testsByClause() {
  const tests = new Map()
  for (const { file, path, pattern } of testTitles()) {
    const test = { file, title: path.join(' › '), pattern: pattern.join(' › ') }
    for (const clause of clausesOf(path)) tests.set(clause, [...(tests.get(clause) ?? []), test])
  }
  return tests
}

/** The innermost title that cites anything says what the test is about; `step 6: …` within `§16.7: …` is a part of that. */
function clausesOf(path) {
  let clauses = []
  for (const title of path) {
    const cited = citedIn(title)
    const [, ...steps] = /^steps? (\d+)(?: and (\d+))?:/.exec(title) ?? []
    if (cited.length > 0) clauses = cited
    else if (steps.length > 0 && clauses.length > 0) clauses = withSteps(clauses[0].replace(/ step \d+$/, ''), steps)
  }
  return clauses.filter((clause) => listed.test(clause))
}

function citedIn(title) {
  const found = title.matchAll(/RFC (\d+) §([\d.]*\d)(?: steps? (\d+)(?: and (\d+))?)?/g)
  return [...found].flatMap(([, rfc, section, ...steps]) => withSteps(`RFC ${rfc} §${section}`, steps))
}

function withSteps(clause, steps) {
  const named = steps.filter((step) => step !== undefined)
  return named.length === 0 ? [clause] : named.map((step) => `${clause} step ${step}`)
}

function refuseGaps(tests) {
  const known = new Set(chapters.flatMap(({ clauses }) => Object.keys(clauses)))
  const untested = [...known].filter((clause) => !tests.has(clause)).map((clause) => `no test cites ${clause}`)
  const unknown = [...tests].filter(([clause]) => !known.has(clause))
  const unlisted = unknown.map(
    ([clause, [{ file, title }]]) => `${file}: ${title}\n  cites ${clause}, which is not listed`,
  )
  const gaps = [...untested, ...unlisted]
  if (gaps.length > 0) throw new Refusal(`${gaps.join('\n')}\nThe list is scripts/conformance-clauses.mjs.`)
}

function report(tests) {
  const intro = [
    '# Conformance',
    'Clause by clause: what is asked, and the tests that show it. A title may stand for several tests, and a test under several clauses. ' +
      'What is not done, or done otherwise, stands at the end.',
    'Made by `node scripts/conformance.mjs --write` of the titles of the tests. A test fails when it is stale, when a clause has no test, ' +
      'and when a title cites a clause that is not listed.',
  ]
  const parts = chapters.map(({ title, clauses }) => [
    `## ${title}`,
    ...Object.entries(clauses).map(([clause, says]) => section(clause, says, tests.get(clause))),
  ])
  return [intro.join('\n\n'), ...parts.flat(), notDone()].join('\n\n') + '\n'
}

function section(clause, says, tests) {
  const shown = tests.map((test) => `- ${escaped(titleFor(clause, test, tests))} (${test.file.split('/').at(-1)})`)
  const lines = [...new Set(shown)]
  return [`### ${clause.replace('RFC 3261 ', '')}`, escaped(says), lines.join('\n')].join('\n\n')
}

function notDone() {
  const rows = Object.entries(departures).map(([clause, why]) => `| ${clause} | ${escaped(why)} |`)
  return ['## Not done, or done otherwise', ['| clause | what, and why |', '| --- | --- |', ...rows].join('\n')].join(
    '\n\n',
  )
}

/** Of more than a few rows of one test, the pattern says enough. */
function titleFor(clause, { file, title, pattern }, tests) {
  const rows = tests.filter((test) => test.file === file && test.pattern === pattern)
  return (rows.length > 3 ? pattern.replace(/%[sdjo]|\$\w+/g, '…') : title).replaceAll(`${clause}: `, '')
}

/** Titles are text, not Markdown. */
function escaped(text) {
  return text.replace(/[\\`*_<>|[\]]/g, '\\$&')
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

await main(() => conformance(process.argv.slice(2)))
