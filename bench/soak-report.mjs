/** What a soak says about memory, and how it is shown. */
import { curve, megabytes, table, thinned } from './chart.mjs'
import { machine } from './docs.mjs'
import { regression, windowMinima } from './stats.mjs'

/** Bytes per finished call: less than the pointer to anything that could be left behind. */
const NOTHING = 8
/** Samples of resident memory of which the lowest counts: it is a sawtooth. */
const WINDOW = 3
const CURVE = 72

/**
 * How much memory grows with each finished call, in bytes, over the second half: the first is that of code which is being compiled and of pools that
 * fill. `collections`: `[milliseconds of the proxy's life, bytes that lived]`.
 */
export function growthOf({ samples, collections, callsPerSecond }) {
  const [first, last] = [samples[0]?.at ?? 0, samples.at(-1)?.at ?? 0]
  const half = (first + last) / 2
  const callsAt = (at) => ((at - first) / 1000) * callsPerSecond
  const within = collections.filter(([at]) => at >= half && at <= last)
  const resident = samples.filter(({ at }) => at >= half).map(({ at, rss }) => [callsAt(at), rss])
  const live = regression(within.map(([at, bytes]) => [callsAt(at), bytes]))
  return {
    live,
    resident: regression(windowMinima(resident, WINDOW)),
    collections: within.length,
    verdict: verdictOf(live),
  }
}

/** `flat` is only said where the figures can tell: a slope that may be anything is `not clear`. */
export function verdictOf(line) {
  if (line === undefined) return 'not clear'
  const { slope, spread } = line
  if (slope + spread < NOTHING) return 'flat'
  return slope - spread > 0 ? 'grows' : 'not clear'
}

const columns = ['time', 'MB', 'heap MB', 'transactions', 'dialogs', 'lag ms', 'µs/call', 'finished', 'failed']

export const sampleHead = columns.map((name) => name.padStart(name.length + 2)).join('')

export function sampleLine(sample) {
  return cells(sample)
    .map((cell, i) => cell.padStart(columns[i].length + 2))
    .join('')
}

function cells({ seconds, rss, heap, transactions, dialogs, lag, cpuPerCall, finished, failed }) {
  const counts = [transactions, dialogs, lag.toFixed(0), cpuPerCall?.toFixed(0) ?? '']
  return [`${seconds.toFixed(0)} s`, megabytes(rss), megabytes(heap), ...counts, finished, failed].map(String)
}

export function soakLines(result) {
  return [...curves(result), '', ...verdictLines(result)]
}

export function docsOfSoak(result) {
  const { samples, left, minutes, rate } = result
  const step = Math.max(1, Math.round(samples.length / 10))
  const shown = samples.filter((_, i) => i % step === step - 1)
  return [
    `${machine()}; ${minutes} minutes of ${rate} calls per second, half of them challenged.`,
    ...verdictLines(result),
    table([columns, ...[...shown, left].map(cells)]),
    ['```text', ...curves(result), '```'].join('\n'),
  ]
}

function curves({ samples }) {
  if (samples.length === 0) return []
  const of = (field) =>
    curve(
      thinned(
        samples.map((sample) => sample[field] / 2 ** 20),
        CURVE,
      ),
      { unit: 'MB' },
    )
  return ['Resident memory, from the start to the end', of('rss'), '', 'Heap in use, garbage included', of('heap')]
}

function verdictLines({ growth, calls, left, clean, sippLoad, longestCollection }) {
  const { live, resident, collections, verdict } = growth
  const { finished, failed, repeated, refused } = calls
  return [
    `Memory: **${verdict}**. What lives after a full collection changes by ${perCall(live)} (${collections} collections of the second half; ` +
      `flat is when that is below ${NOTHING} for certain); resident memory by ${perCall(resident)}.`,
    `Calls: ${finished} finished, ${failed} failed, ${repeated} messages repeated, ${refused} answered 503. ` +
      `The longest collection took ${longestCollection.toFixed(0)} ms; SIPp used ${Math.round(sippLoad * 100)} % of its core.`,
    `Left ${left.transactions === 0 ? 'behind: no transaction' : `behind: **${left.transactions} transactions**`}, ${left.timers} timers.`,
    ...(clean === undefined
      ? []
      : [`The highest clean rate was ${clean.rate} calls per second; above it: ${clean.limit.join(', ')}.`]),
  ]
}

function perCall(line) {
  if (line === undefined) return 'an amount that so short a run does not tell'
  return `${line.slope.toFixed(1)} ± ${line.spread.toFixed(1)} bytes per finished call`
}
