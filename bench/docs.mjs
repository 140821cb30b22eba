/** Puts figures into docs/performance.md, between two marks, with the machine they are of. */
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { table } from './chart.mjs'
import { kinds } from './kinds.mjs'
import { proxies } from './proxies.mjs'

const FILE = join(import.meta.dirname, '..', 'docs', 'performance.md')
const END = '<!-- /measured -->'
/** Characters of the longest bar. */
const BAR = 40

export function writeDocs(results, { pairs, seconds }) {
  const how = `each run ${seconds} s, ${pairs} ${pairs === 1 ? 'pair' : 'pairs'} of runs`
  return putMeasured('', [`${machine()}; ${how}.`, ...results.flatMap(({ figures }) => section(figures))])
}

/** Paragraphs, between the marks of what `npm run bench -- COMMAND --write-docs` measures. */
export async function putMeasured(command, paragraphs) {
  const text = await readFile(FILE, 'utf8')
  await writeFile(FILE, replaceMeasured(text, command, paragraphs.join('\n\n')))
}

export function replaceMeasured(text, command, measured) {
  const mark = `<!-- measured: npm run bench -- ${command === '' ? '' : `${command} `}--write-docs -->`
  const [before, rest] = text.split(mark)
  const end = rest?.indexOf(END) ?? -1
  if (end < 0) throw new Error(`${FILE} has no place for the figures: ${mark} … ${END}`)
  return `${before}${mark}\n\n${measured}\n\n${rest.slice(end)}`
}

/** When it was measured, and on what. */
export function machine() {
  const { model } = cpus()[0]
  const memory = Math.round(totalmem() / 2 ** 30)
  const day = new Date().toISOString().slice(0, 10)
  return `Measured on ${day}: ${cpus().length} cores of ${model.trim()}, ${memory} GiB, Node ${process.versions.node}`
}

function section({ kind, rate, subject, against, warnings }) {
  const sides = [subject, ...against]
  return [
    `### ${kind}, ${rate} per second: ${kinds.get(kind).title}`,
    figures(sides),
    chart(sides),
    ...warnings.map((warning) => `Warning: ${warning}.`),
  ]
}

function figures(sides) {
  const rows = sides.map((side) => [
    proxies[side.proxy].title,
    side.cpuPerCall.toFixed(0),
    side.ratio === undefined
      ? ''
      : `${side.ratio.toFixed(2)} (${side.ratioRange.map((value) => value.toFixed(2)).join(' to ')})`,
    String(side.memory),
    `${Math.round(side.latency.p50)} / ${Math.round(side.latency.p99)}`,
    String(side.retransmissions),
  ])
  return table([['', 'µs CPU per call', 'Signalbox to it', 'MB', 'adds µs, p50 / p99', 'retransmitted'], ...rows])
}

function chart(sides) {
  const most = Math.max(...sides.map((side) => side.cpuPerCall))
  const width = Math.max(...sides.map((side) => proxies[side.proxy].title.length))
  const bar = (value) => '█'.repeat(Math.max(1, Math.round((value / most) * BAR)))
  const lines = sides.map(
    (side) => `${proxies[side.proxy].title.padEnd(width)} ${bar(side.cpuPerCall)} ${side.cpuPerCall.toFixed(0)} µs`,
  )
  return ['```text', ...lines, '```'].join('\n')
}
