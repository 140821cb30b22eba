/** From runs to lines: one for each run, then for each kind of call the medians and the ratio of the pairs. */

/** Above this share of its core SIPp itself may be what is measured. */
const SATURATED = 0.9

/** Below this share of the rate asked for, somebody could not keep up. */
const LAGGING = 0.95

/** When the ratios of the pairs lie further apart than this, the machine was not quiet. */
const APART = 0.15

export function runLine(run) {
  const name = `${run.proxy.padEnd(10)} ${run.kind.padEnd(9)}`
  const cpu = `${run.cpuPerCall.toFixed(1).padStart(7)} µs/call`
  const calls = `${run.completed} calls, ${run.failed} failed, ${run.retransmissions} retransmitted`
  return `${name}${cpu}  ${calls}, ${run.memory} MB, SIPp at ${percent(run.sippLoad)}${warning(run)}`
}

/** `pairs` are the runs of one kind, two and two: the anchor first. */
export function summary(kind, pairs) {
  const [anchor, subject] = [0, 1].map((side) => pairs.map((pair) => pair[side]))
  const ratios = pairs.map(([one, other]) => other.cpuPerCall / one.cpuPerCall)
  return {
    kind,
    anchor: side(anchor),
    subject: side(subject),
    ratio: median(ratios),
    ratioRange: [Math.min(...ratios), Math.max(...ratios)],
    warnings: [...new Set([...pairs.flat().flatMap(warnings), ...unquiet(ratios)])],
  }
}

function unquiet(ratios) {
  const apart = Math.max(...ratios) / Math.min(...ratios) - 1
  return apart > APART ? [`the pairs are ${percent(apart)} apart: something else is running on this machine`] : []
}

export function summaryLines({ kind, anchor, subject, ratio, ratioRange, warnings }) {
  const sideLine = (one) =>
    `  ${one.proxy.padEnd(10)} ${one.cpuPerCall.toFixed(1).padStart(7)} µs CPU per call, ${one.memory} MB, ` +
    `${one.failed} failed, ${one.retransmissions} retransmitted`
  const range = ratioRange.map((value) => value.toFixed(2)).join(' to ')
  return [
    `${kind} calls`,
    sideLine(anchor),
    sideLine(subject),
    `  ratio      ${ratio.toFixed(2).padStart(7)} (median of pairs, ${range})`,
    ...warnings.map((text) => `  warning: ${text}`),
  ]
}

function warnings(run) {
  return [
    run.sippLoad > SATURATED && 'SIPp was saturated: lower --rate',
    run.callsPerSecond < LAGGING * run.rate && 'the rate asked for was not reached',
    run.failed > 0 && 'calls failed',
  ].filter(Boolean)
}

function warning(run) {
  const all = warnings(run)
  return all.length === 0 ? '' : `  (${all.join('; ')})`
}

function side(runs) {
  return {
    proxy: runs[0].proxy,
    cpuPerCall: median(runs.map((run) => run.cpuPerCall)),
    memory: median(runs.map((run) => run.memory)),
    failed: total(runs, 'failed'),
    retransmissions: total(runs, 'retransmissions'),
  }
}

function total(runs, field) {
  return runs.reduce((sum, run) => sum + run[field], 0)
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function percent(share) {
  return `${Math.round(share * 100)} %`
}
