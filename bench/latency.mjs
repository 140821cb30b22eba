/**
 * What the proxy adds to a request and its answer: a probe on SIPp's core sends requests through the proxy to itself, and as many straight to
 * itself. The difference of their times is the proxy's, at the median and at the 99th percentile, in microseconds.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LOAD_CORE, start } from './process.mjs'

export async function addedLatency({ port, folder, seconds }, load) {
  const probe = start(
    'probe',
    [process.execPath, join(import.meta.dirname, 'probe.mjs'), String(port), String(seconds)],
    {
      core: LOAD_CORE,
      folder,
    },
  )
  const [[code]] = await Promise.all([once(probe, 'exit'), load()])
  const output = readFileSync(probe.log, 'utf8')
  if (code !== 0) throw new Error(`the latency probe failed:\n${output}`)
  const { through, straight, lost } = JSON.parse(output)
  return { p50: through.p50 - straight.p50, p99: through.p99 - straight.p99, lost }
}
