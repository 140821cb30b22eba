/**
 * What the proxy adds to a request and its answer: a probe on SIPp's core sends requests through the proxy to itself, and as many straight to
 * itself. The difference of their times is the proxy's, at the median and at the 99th percentile, in microseconds. The probe goes before SIPp on their core, where
 * we may say so: else it would measure how long SIPp keeps it waiting.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LOAD_CORE, start } from './process.mjs'

/** A real-time priority, which takes privileges. */
const first = ['chrt', '-f', '50']
const isFirst = spawnSync(first[0], [...first.slice(1), 'true']).status === 0

export async function addedLatency({ port, folder, seconds }, load) {
  const program = [process.execPath, join(import.meta.dirname, 'probe.mjs'), String(port), String(seconds)]
  const probe = start('probe', [...(isFirst ? first : []), ...program], { core: LOAD_CORE, folder })
  const [[code]] = await Promise.all([once(probe, 'exit'), load()])
  const output = readFileSync(probe.log, 'utf8')
  if (code !== 0) throw new Error(`the latency probe failed:\n${output}`)
  const { through, straight, lost } = JSON.parse(output)
  /** `own`: what the probe itself takes, without any proxy, at the 99th percentile. */
  return { p50: through.p50 - straight.p50, p99: through.p99 - straight.p99, own: straight.p99, isFirst, lost }
}
