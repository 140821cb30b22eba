/** From runs to lines: one for each run, then for each kind of traffic the medians and the ratios to those it is compared with. */
import { proxies } from './proxies.mjs'
import { median } from './stats.mjs'

/** Above this share of its core SIPp itself may be what is measured. */
const SATURATED = 0.9

/** Below this share of the rate asked for, somebody could not keep up. */
const LAGGING = 0.95

/** Above this share of the proxy's core that others take, it is them who are measured, too. */
export const DISTURBED = 0.05

/** When the ratios of the pairs lie further apart than this, the machine was not quiet. */
const APART = 0.15

const WIDTH = Math.max(...Object.keys(proxies).map((name) => name.length)) + 2

export function runLine(run) {
  const name = run.proxy.padEnd(WIDTH) + `${run.kind} ${run.rate}/s`.padEnd(17)
  const cpu = `${run.cpuPerCall.toFixed(1).padStart(7)} µs/call`
  const calls = `${run.completed} calls, ${run.failed} failed, ${run.retransmissions} retransmitted`
  const load = `${run.memory} MB, ${latencyText(run.latency)}, SIPp at ${percent(run.sippLoad)}`
  return `${name}${cpu}  ${calls}, ${load}${warning(run)}`
}

/** One step on the way to the highest clean rate. */
export function attemptLine({ rate, proxyLoad, sippLoad, faults }) {
  const outcome = faults.length === 0 ? 'clean' : faults.join(', ')
  return `${String(rate).padStart(8)} calls/s: proxy at ${percent(proxyLoad)}, SIPp at ${percent(sippLoad)}: ${outcome}`
}

/** `rounds`: for each, a run of every side, that of the subject first. */
export function summary(kind, rounds) {
  const columns = rounds[0].map((_, side) => rounds.map((round) => round[side]))
  const [subject, ...others] = columns.map(sideOf)
  const against = others.map((side, index) => ({ ...side, ...ratioOf(columns[0], columns[index + 1]) }))
  const unquiet = against.flatMap(({ ratioRange }) => unquietness(ratioRange))
  return { kind, subject, against, warnings: [...new Set([...rounds.flat().flatMap(warnings), ...unquiet])] }
}

/** Of what the subject costs to what the other one does, pair by pair. */
function ratioOf(subject, other) {
  const ratios = subject.map((run, round) => run.cpuPerCall / other[round].cpuPerCall)
  return { ratio: median(ratios), ratioRange: [Math.min(...ratios), Math.max(...ratios)] }
}

function unquietness([least, most]) {
  const apart = most / least - 1
  return apart > APART ? [`the pairs are ${percent(apart)} apart: something else is running on this machine`] : []
}

export function summaryLines({ kind, rate, subject, against, warnings }) {
  const sideLine = (one) =>
    `  ${one.proxy.padEnd(WIDTH)}${one.cpuPerCall.toFixed(1).padStart(7)} µs CPU per call, ${one.memory} MB, ` +
    `${latencyText(one.latency)}, ${one.failed} failed, ${one.retransmissions} retransmitted`
  const ratioLine = ({ proxy, ratio, ratioRange }) =>
    `  ${ratio.toFixed(2).padStart(WIDTH + 7)} × ${proxy} (median of pairs, ${ratioRange.map((value) => value.toFixed(2)).join(' to ')})`
  return [
    `${kind}, ${rate} calls per second`,
    ...[subject, ...against].map(sideLine),
    ...against.map(ratioLine),
    ...warnings.map((text) => `  warning: ${text}`),
  ]
}

function latencyText({ p50, p99 }) {
  return `adds ${Math.round(p50)}/${Math.round(p99)} µs (p50/p99)`
}

function warnings(run) {
  return [
    run.sippLoad > SATURATED && 'SIPp was saturated: lower --rate',
    run.callsPerSecond < LAGGING * run.rate && 'the rate asked for was not reached',
    run.failed > 0 && 'calls failed',
    run.othersLoad > DISTURBED && "something else ran on the proxy's core",
    !run.latency.isFirst && 'SIPp may have kept the latency probe waiting: it needs the right to a real-time priority',
    run.latency.lost > 0 && 'probes of the latency were not answered',
  ].filter(Boolean)
}

function warning(run) {
  const all = warnings(run)
  return all.length === 0 ? '' : `  (${all.join('; ')})`
}

function sideOf(runs) {
  const middle = (value) => median(runs.map(value))
  return {
    proxy: runs[0].proxy,
    cpuPerCall: middle((run) => run.cpuPerCall),
    memory: middle((run) => run.memory),
    latency: { p50: middle((run) => run.latency.p50), p99: middle((run) => run.latency.p99) },
    failed: total(runs, 'failed'),
    retransmissions: total(runs, 'retransmissions'),
  }
}

function total(runs, field) {
  return runs.reduce((sum, run) => sum + run[field], 0)
}

function percent(share) {
  return `${Math.round(share * 100)} %`
}
