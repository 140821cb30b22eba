/**
 * Whole calls through the stack, without sockets: what the proxy does for every message of a call, its timers, its log and its store included. Two
 * builds of the core can take turns in one process, so that what else the machine does hits both alike.
 */
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { buildBundle, stopBuilder } from '@signalbox/core/build'
import { kinds } from './kinds.mjs'
import { peer } from './micro-messages.mjs'
import { Peers, scripts } from './micro-peers.mjs'
import { aloneOptions } from './stack-alone.mjs'
import { median, percentile } from './stats.mjs'

const here = join(import.meta.dirname, '..')
/** Many and short ones: what else runs on the machine then hits both sides alike. The first ones warm up. */
const ROUNDS = 400
const WARM_UP = 80
const CALLS = 50
/** So many calls share a turn of the event loop, as a batch of datagrams does. */
const BATCH = 10
/** Milliseconds that pass from message to message: transactions are let go while the benchmark runs. */
const STEP = 5

/** For each of `only`: what a call costs, and where `against` is a folder with another checkout, what it costs there. */
export async function wholeCalls({ only, against }) {
  const results = []
  for (const kind of only) results.push(await compared(kind, against === undefined ? [here] : [here, against]))
  await stopBuilder()
  return results
}

async function compared(kind, checkouts) {
  const { title, routes } = kinds.get(kind)
  const bundle = await buildBundle({ routes: join(import.meta.dirname, 'routes', `${routes}.ts`), root: here })
  const proxies = await Promise.all(checkouts.map((checkout) => makeProxy(checkout, bundle)))
  const rounds = proxies.map(() => [])
  for (let round = 0; round < ROUNDS; round++) {
    // The order turns round, as in the benchmark with sockets.
    const order = [...proxies.keys()]
    if (round % 2 === 1) order.reverse()
    for (const side of order) {
      const microseconds = await callsOf(proxies[side], scripts[kind], round)
      if (round >= WARM_UP) rounds[side].push(microseconds)
    }
  }
  await Promise.all(proxies.map(({ close }) => close()))
  const [own, other] = rounds
  const name = `call ${kind}: ${title}`
  if (other === undefined) return { name, microseconds: quiet(own) }
  const ratio = median(own.map((each, round) => each / other[round]))
  return { name, microseconds: quiet(own), against: quiet(other), ratio }
}

async function callsOf({ takes, sent, rests }, script, round) {
  const peers = new Peers(takes, sent)
  let resting = 0
  for (let i = 0; i < CALLS; i++) {
    await script(peers, round * CALLS + i)
    if (i % BATCH === BATCH - 1) resting += await rests()
  }
  return ((peers.spent + resting) / CALLS) * 1000
}

/** The stack as the server makes it, on a socket that keeps what is sent. */
async function makeProxy(checkout, bundle) {
  const from = (path) => import(pathToFileURL(join(checkout, 'packages', 'core', 'dist', `${path}.js`)))
  const [{ Stack }, { VirtualClock }, { OwnAddresses }, { makeNextHop }, { Store }, { openLog }] = await Promise.all(
    ['stack', 'testing/virtual-clock', 'proxy/own-addresses', 'resolve/next-hop', 'store/store', 'log/log'].map(from),
  )
  const log = openLog({ level: 'info', format: 'json' }, { fd: openSync('/dev/null', 'w') })
  const store = new Store({ kind: 'sqlite', file: ':memory:' }, log)
  const clock = new VirtualClock()
  let sent = []
  const socket = peer((wire) => sent.push(wire))
  const stack = new Stack({
    ...aloneOptions({ OwnAddresses, makeNextHop }, { bundle, root: here, clock, socket }),
    sql: store.sql,
    locationStore: store,
    log: (callId) => (callId === undefined ? log : log.ofCall(callId)),
  })
  await stack.start()
  await stack.registrar.ready()
  const takes = async (wire, port) => {
    const bytes = Buffer.from(wire, 'latin1')
    sent = []
    const began = performance.now()
    clock.advance(STEP)
    stack.receive(bytes, '127.0.0.1', port, socket)
    // What a route that awaits does next is of this message, too.
    await Promise.resolve()
    return performance.now() - began
  }
  const close = async () => {
    await stack.registrar.close()
    stack.stopTimers()
    await store.close()
    log.close()
  }
  return { takes, sent: () => sent, rests, close }
}

/** What is done between the batches, such as writing contacts into the table. */
async function rests() {
  const began = performance.now()
  await turn()
  await turn()
  return performance.now() - began
}

/** What a tenth of the rounds stayed below: the machine did little else then. */
const quiet = (values) => percentile(values, 0.1)
