/** Puts the figures of a run into docs/performance.md, between two marks, with the machine they are of. */
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { kinds } from './kinds.mjs'
import { proxies } from './proxies.mjs'

const FILE = join(import.meta.dirname, '..', 'docs', 'performance.md')
const marks = ['<!-- measured: npm run bench -- --write-docs -->', '<!-- /measured -->']
/** Characters of the longest bar. */
const BAR = 40

export async function writeDocs(results, settings) {
  const text = await readFile(FILE, 'utf8')
  const [before, rest] = text.split(marks[0])
  const after = rest?.split(marks[1])[1]
  if (after === undefined) throw new Error(`${FILE} has no place for the figures: ${marks.join(' … ')}`)
  const measured = [machine(settings), ...results.flatMap(({ figures }) => section(figures))].join('\n\n')
  await writeFile(FILE, `${before}${marks[0]}\n\n${measured}\n\n${marks[1]}${after}`)
}

function machine({ pairs, rate, seconds }) {
  const { model } = cpus()[0]
  const memory = Math.round(totalmem() / 2 ** 30)
  const day = new Date().toISOString().slice(0, 10)
  return (
    `Measured on ${day}: ${cpus().length} cores of ${model.trim()}, ${memory} GiB, Node ${process.versions.node}; ` +
    `${rate} calls per second for ${seconds} s, ${pairs} ${pairs === 1 ? 'pair' : 'pairs'} of runs.`
  )
}

function section({ kind, subject, against, warnings }) {
  const sides = [subject, ...against]
  return [
    `### ${kind}: ${kinds.get(kind).title}`,
    table(sides),
    chart(sides),
    ...warnings.map((warning) => `Warning: ${warning}.`),
  ]
}

function table(sides) {
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
  return aligned([['', 'µs CPU per call', 'Signalbox to it', 'MB', 'adds µs, p50 / p99', 'retransmitted'], ...rows])
}

/** As the formatter wants it. */
function aligned(rows) {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)))
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  const [head, ...body] = rows.map(line)
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n')
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
