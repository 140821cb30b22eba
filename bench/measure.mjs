/**
 * One run: a proxy on core 0, SIPp on core 1, warm-up calls, then a fixed rate for some seconds. The figure is the CPU time
 * of the proxy's processes for each completed call: it holds on a noisy machine, where a maximum rate does not. What the proxy adds to the
 * way of a message is measured afterwards, at half the rate, with requests of our own.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { kinds } from './kinds.mjs'
import { freePorts } from './ports.mjs'
import { addedLatency } from './latency.mjs'
import { coreTime, cpuTime, PROXY_CORE, residentMemory, stop } from './process.mjs'
import { proxies } from './proxies.mjs'
import { call, startUas, statistics } from './sipp.mjs'

const WARM_UP_CALLS = 1500
/** Calls per second at most: what is not compiled yet cannot take more. */
const WARM_UP_RATE = 1000
const LATENCY_SECONDS = 5

export async function measure({ proxy, kind, rate, seconds }) {
  const folder = mkdtempSync(`${tmpdir()}/signalbox-bench-`)
  const [port, adminPort, target, caller] = await freePorts(4)
  const { uac, uas: callee } = kinds.get(kind)
  const started = []
  try {
    const uas = await startUas({ scenario: callee, port: target, folder })
    started.push(uas)
    const server = await proxies[proxy].start({ port, adminPort, target, folder, kind })
    started.push(server)
    const load = { scenario: uac, port: caller, target: port, rate, folder }
    await call({ ...load, rate: Math.min(rate, WARM_UP_RATE), name: 'warm-up', calls: WARM_UP_CALLS })
    const timed = await charged({ server, uas }, () => call({ ...load, name: 'uac', calls: rate * seconds }))
    const memory = residentMemory(server.pid)
    const half = { ...load, name: 'half', rate: Math.ceil(rate / 2) }
    const latency = await addedLatency({ port, folder, seconds: LATENCY_SECONDS }, () =>
      call({ ...half, calls: half.rate * (LATENCY_SECONDS + 1) }),
    )
    await stop(uas)
    return { proxy, kind, memory, latency, ...figures(timed, statistics('uas', folder)) }
  } finally {
    await Promise.all(started.map((child) => stop(child)))
    rmSync(folder, { recursive: true })
  }
}

/** What `work` cost the proxy and SIPp, and how long it took, all in microseconds. */
async function charged({ server, uas }, work) {
  const read = () => [cpuTime(server.pid), cpuTime(uas.pid), performance.now() * 1000, coreTime(PROXY_CORE)]
  const before = read()
  const uac = await work()
  const [cpu, uasCpu, wall, core] = read().map((value, index) => value - before[index])
  return { uac, cpu, sippCpu: uasCpu + uac.cpu, wall, others: core - cpu }
}

function figures({ uac, cpu, sippCpu, wall, others }, uas) {
  return {
    completed: uac.completed,
    failed: uac.failed,
    retransmissions: uac.retransmissions + uas.retransmissions,
    cpuPerCall: cpu / uac.completed,
    /** Share of its core that SIPp used, both sides together. */
    sippLoad: sippCpu / wall,
    /** Share of the proxy's core that others took from it. */
    othersLoad: Math.max(0, others / wall),
    callsPerSecond: uac.completed / (wall / 1e6),
  }
}
