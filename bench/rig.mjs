/** Signalbox alone under load: the proxy on the first core, SIPp's callees and callers on the second, and what both say while it goes on. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { scrape } from './metrics.mjs'
import { freePorts } from './ports.mjs'
import { cpuTime, stop } from './process.mjs'
import { startSignalbox } from './proxies.mjs'
import { call, startUas, statistics } from './sipp.mjs'

const WARM_UP_CALLS = 1500
/** All calls come from one address here, and a finished one is kept for 32 seconds: neither is to be what ends the run. */
const limits = { transactions: 2_000_000, perSource: 2_000_000 }

/**
 * Starts everything, warms it up and runs `work(rig)`. `routes(ports)` is the program, given where the callees listen. `lines` is what traffic there is: for each SIPp's two scenarios and whom the callers call. The calls of a second are shared
 * out among them.
 */
export async function withRig({ routes, lines, flags = [] }, work) {
  const folder = mkdtempSync(`${tmpdir()}/signalbox-load-`)
  const [port, adminPort, ...ports] = await freePorts(2 + lines.length)
  const started = []
  try {
    for (const [i, { uas }] of lines.entries())
      started.push(await startUas({ scenario: uas, port: ports[i], folder, name: `uas${i}` }))
    const server = await startSignalbox({ port, adminPort, folder, routes: routes(ports), limits, flags })
    started.push(server)
    const rig = makeRig({ folder, port, adminPort, lines, server, callees: started.slice(0, -1) })
    await rig.place({ rate: 500, calls: WARM_UP_CALLS })
    return await work(rig)
  } finally {
    await Promise.all(started.map((child) => stop(child)))
    rmSync(folder, { recursive: true })
  }
}

function makeRig({ folder, port, adminPort, lines, server, callees }) {
  const sippOfCallees = () => callees.reduce((sum, { pid }) => sum + cpuTime(pid), 0)
  let runs = 0

  /** Calls of every line at once, `rate` a second together; resolves when the last has ended. `pids` are those of SIPp. */
  async function place({ rate, calls, callers = lines, flags }) {
    const run = runs++
    const ports = await freePorts(callers.length)
    const share = { rate: Math.ceil(rate / callers.length), calls: Math.ceil(calls / callers.length) }
    const placed = callers.map(({ uac, service }, i) => {
      const own = { name: `uac${run}-${i}`, scenario: uac, port: ports[i], service, flags }
      return call({ ...own, ...share, target: port, folder })
    })
    const [before, began] = [sippOfCallees(), performance.now()]
    const all = await Promise.all(placed)
    const wall = (performance.now() - began) * 1000
    const total = (field) => all.reduce((sum, one) => sum + one[field], 0)
    return {
      pids: all.map(({ pid }) => pid),
      completed: total('completed'),
      failed: total('failed'),
      retransmissions: total('retransmissions'),
      sippLoad: (sippOfCallees() - before + total('cpu')) / wall,
      callsPerSecond: total('completed') / (wall / 1e6),
    }
  }

  /** As `place`, for some seconds, with the share of its core that the proxy took and what it refused. For `highestCleanRate`. */
  async function attempt(rate, seconds, callers) {
    const refusedBefore = await refused()
    const [cpu, began] = [cpuTime(server.pid), performance.now()]
    const outcome = await place({ rate, calls: rate * seconds, callers })
    const proxyLoad = (cpuTime(server.pid) - cpu) / ((performance.now() - began) * 1000)
    return { rate, ...outcome, proxyLoad, refused: await refused(refusedBefore) }
  }

  const metrics = () => scrape(adminPort)
  /** How many requests were answered 503, for each reason for which there were any, since it was asked with this outcome. */
  async function refused(since = {}) {
    const now = (await metrics()).by('signalbox_turned_away_total')
    const more = Object.entries(now).map(([reason, count]) => [reason, count - (since[reason] ?? 0)])
    return Object.fromEntries(more.filter(([, count]) => count > 0))
  }
  /** What the callees had to repeat: what was answered and not acknowledged in time. */
  const repeatedByCallees = () => callees.reduce((sum, _, i) => sum + statistics(`uas${i}`, folder).retransmissions, 0)
  /** Of all callers so far. */
  const failed = () =>
    Array.from({ length: runs }, (_, run) => lines.map((_line, i) => statistics(`uac${run}-${i}`, folder).failed))
      .flat()
      .reduce((sum, one) => sum + one, 0)
  return { folder, server, metrics, place, attempt, refused, failed, repeatedByCallees }
}
