/** What an overload comes to, and how it is shown. */
import { machine } from './docs.mjs'
import { DISTURBED } from './report.mjs'
import { percentiles } from './stats.mjs'
import { table } from './chart.mjs'

/** Milliseconds after which a caller repeats his INVITE (T1): who is answered sooner has noticed nothing. */
const SOON = 500
/** Milliseconds after the drop in which a call may still be turned away, or be late. */
const AT_ONCE = 500
/** Milliseconds that an answered call may take. */
const LATE = 1000
/** Of what should be offered: with less it was not that overload. */
const OFFERED = 0.95

/**
 * `load`: what was offered a second, when SIPp began, and its calls, those of `rest` likewise. Times of SIPp begin when it does, so the two are brought together by when they were
 * started, to some hundredths of a second.
 */
export function summaryOf(load, rest, seconds) {
  const of = (run, kind) => run.calls.filter((call) => call.kind === kind)
  const placed = load.calls.map(({ at }) => at)
  const lastPlaced = placed.reduce((last, at) => Math.max(last, at), 0)
  const firstPlaced = placed.reduce((first, at) => Math.min(first, at), Infinity)
  const drop = load.began + lastPlaced
  const answered = of(load, 'answered')
  return {
    offered: load.offered,
    reached: load.calls.length / ((lastPlaced - firstPlaced) / 1000),
    answeredPerSecond: answered.length / seconds,
    times: percentiles(answered.map(({ ms }) => ms)),
    hungUp: of(load, 'hungup').length,
    lost: load.failed,
    repeated: load.retransmissions,
    sippLoad: load.sippLoad,
    after: {
      calls: rest.calls.length,
      times: percentiles(of(rest, 'answered').map(({ ms }) => ms)),
      lost: rest.failed,
      recovery: recoveryOf(rest.calls.map((call) => ({ ...call, at: rest.began + call.at - drop }))),
    },
  }
}

/** Milliseconds after the drop from which on every call is answered soon. */
export function recoveryOf(calls) {
  const bad = calls.filter(({ kind, ms }) => kind !== 'answered' || ms > SOON)
  return bad.reduce((last, { at }) => Math.max(last, at), 0)
}

/** What keeps the promise from being kept, or the run from showing it. */
export function faultsOf({ offered, reached, times, lost, sippLoad, othersLoad, after, refused }) {
  return [
    times.max >= LATE && `an answered call took ${Math.round(times.max)} ms`,
    lost > 0 && `${lost} calls got no answer at all`,
    after.recovery > AT_ONCE && `calls were late or turned away until ${Math.round(after.recovery)} ms after`,
    after.lost > 0 && `${after.lost} calls after it failed`,
    Object.keys(refused).some((reason) => reason !== 'overload') && 'a limit was reached',
    refused.overload === undefined && 'nothing was refused: that was no overload',
    reached < offered * OFFERED && `SIPp placed ${Math.round(reached)} calls per second, not ${offered}`,
    othersLoad > DISTURBED && `something else took ${percent(othersLoad)} of the proxy’s core`,
    sippLoad > 0.9 && 'SIPp’s own core was full: it may be what is late',
  ].filter(Boolean)
}

export function overloadLines(result) {
  const { clean, offered, answeredPerSecond, times, hungUp, lost, repeated, refused, proxyLoad, sippLoad, after } =
    result
  return [
    verdictLine(result),
    `Clean up to ${clean.rate} calls per second${clean.limit.length > 0 ? `; above it: ${clean.limit.join(', ')}` : ''}.`,
    `Offered ${offered}, answered ${Math.round(answeredPerSecond)} per second: ${percent(answeredPerSecond / clean.rate)} of the clean rate; ` +
      `${refusedText(refused)}, ${hungUp} hung up by their callers, ${lost} lost, ${repeated} messages repeated. ` +
      `The proxy used ${percent(proxyLoad)} of its core, SIPp ${percent(sippLoad)} of its own.`,
    `From INVITE to 200: ${timesText(times)}; after it ${timesText(after.times)}.`,
    `After the drop every call succeeded at once from ${(after.recovery / 1000).toFixed(2)} s on; ${after.calls} calls, ${after.lost} lost.`,
  ]
}

export function docsOfOverload(result) {
  const { clean, offered, seconds, work, times, after, answeredPerSecond, refused, hungUp, lost } = result
  const row = (name, rate, answered, { p50, p95, p99, max }, ...rest) =>
    [name, rate, Math.round(answered), `${p50} / ${p95} / ${p99} / ${max}`, ...rest].map(String)
  const head = ['', 'offered per s', 'answered per s', 'ms to 200, p50 / p95 / p99 / max', '503', 'hung up', 'lost']
  const half = Math.round(clean.rate / 2)
  return [
    `${machine()}; a route that takes ${work} µs of the core; ${seconds} s each.`,
    verdictLine(result),
    table([
      head,
      row('overload', offered, answeredPerSecond, times, total(refused), hungUp, lost),
      row('after it', half, after.calls / seconds, after.times, '', '', after.lost),
    ]),
    ...overloadLines(result).slice(1),
  ]
}

function verdictLine(result) {
  const faults = faultsOf(result)
  return faults.length === 0
    ? '**Answered calls stay under a second, and the proxy recovers at once.**'
    : `**Not as it should be**: ${faults.join('; ')}.`
}

const total = (refused) => Object.values(refused).reduce((sum, count) => sum + count, 0)

/** Repeated INVITEs are refused again, without memory of the first time. */
function refusedText(refused) {
  const reasons = Object.entries(refused).map(([reason, count]) => `${count} for ${reason}`)
  return `${total(refused)} INVITEs answered 503${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}`
}

const timesText = ({ p50, p95, p99, max }) => `${p50} ms (p50), ${p95} (p95), ${p99} (p99), ${max} at most`

const percent = (share) => `${Math.round(share * 100)} %`
