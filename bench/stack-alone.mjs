/** The proxy without sockets and with time that stands still, running a file of `routes/`. */
import { join } from 'node:path'
import { buildBundle, stopBuilder } from '@signalbox/core/build'
import { peer } from './micro-messages.mjs'

const core = join(import.meta.dirname, '..', 'packages', 'core', 'dist')
const from = (path) => import(join(core, `${path}.js`))

/** `receive(bytes, port)` is a datagram of the peer on that port, `sent()` what the proxy sent for the last one. */
export async function stackAlone(routes) {
  const [{ Stack }, { VirtualClock }, { OwnAddresses }, { makeNextHop }, bundle] = await Promise.all([
    ...['stack', 'testing/virtual-clock', 'proxy/own-addresses', 'resolve/next-hop'].map(from),
    buildBundle({ routes: join(import.meta.dirname, 'routes', `${routes}.ts`), root: import.meta.dirname }),
  ])
  await stopBuilder()
  const clock = new VirtualClock()
  let sent = []
  const socket = peer((wire) => sent.push(wire))
  const log = { debug() {}, info() {}, warn: refuse, error: refuse }
  const stack = new Stack({
    ...aloneOptions({ OwnAddresses, makeNextHop }, { bundle, root: import.meta.dirname, clock, socket }),
    log: () => log,
  })
  await stack.start()
  const receive = (bytes, port) => {
    sent = []
    stack.receive(bytes, '127.0.0.1', port, socket)
  }
  return { stack, clock, receive, sent: () => sent }
}

/** What a stack needs that has this socket and this clock alone. The classes are those of the build that it is of. */
export function aloneOptions({ OwnAddresses, makeNextHop }, { bundle, root, clock, socket }) {
  return {
    bundle,
    root,
    timers: { t1: 500, c: 180_000 },
    uac: { credentials: [], authVars: { username: 'auser', password: 'apass', realm: 'arealm' }, restoreVars: {} },
    clock,
    own: new OwnAddresses([{ host: '127.0.0.1', port: 5080 }], []),
    sockets: [socket],
    nextHop: makeNextHop([socket]),
  }
}

function refuse(text) {
  throw new Error(`the stack is not as it should be: ${text}`)
}
