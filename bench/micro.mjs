/**
 * What the parts of a message's way cost, without sockets: reading, changing and writing an INVITE, a transaction, a route. Each is repeated for
 * a while, and the fastest of some rounds counts: it is the one that was disturbed least.
 */
import { join } from 'node:path'
import { callKinds } from './kinds.mjs'
import { wholeCalls } from './micro-calls.mjs'
import { invite, options, peer } from './micro-messages.mjs'
import { stackAlone } from './stack-alone.mjs'

const core = join(import.meta.dirname, '..', 'packages', 'core', 'dist')
const from = (path) => import(join(core, `${path}.js`))
const ROUNDS = 7
const REPEATS = 20_000

/** With `only` or `against`, whole calls alone. */
export async function microbenchmarks({ only, against }) {
  if (only !== undefined || against !== undefined) return wholeCalls({ only: only ?? callKinds, against })
  const stack = await makeStack()
  return [
    ...(await messageParts()),
    await transactionStep(),
    best('route: OPTIONS read, its route run, 200 written', (i) => stack.takes(options(i)), REPEATS),
    ...(await wholeCalls({ only: callKinds })),
  ]
}

async function messageParts() {
  const [{ parseMessage }, { H }, { Field }] = await Promise.all(
    ['message/parse', 'message/header-names', 'message/field'].map(from),
  )
  const bytes = Buffer.from(invite(1), 'latin1')
  const message = parseMessage(bytes)
  const edited = edit()
  function edit() {
    const copy = message.clone()
    copy.put(H.MaxForwards, '69')
    copy.prependValue(H.RecordRoute, '<sip:127.0.0.1:5080;lr;ftag=1>')
    copy.prepend(Field.make(H.Via, 'SIP/2.0/UDP 127.0.0.1:5080;branch=z9hG4bK1234'))
    return copy
  }
  const memory = Buffer.alloc(65_536)
  const write = () => memory.write(edited.toWire(), 0, 'latin1')
  return [
    best('parse: an INVITE of 12 header fields', () => timed(() => parseMessage(bytes)), REPEATS),
    best('edit: Via, Record-Route and Max-Forwards', () => timed(edit), REPEATS),
    best('write: the INVITE so edited, into the socket’s memory', () => timed(write), REPEATS),
  ]
}

/** A server transaction from its request to its answer. */
async function transactionStep() {
  const [{ TransactionLayer }, { Timers }, { VirtualClock }, { parseText }, { makeResponse }] = await Promise.all(
    ['transaction/layer', 'timers/timers', 'testing/virtual-clock', 'message/parse', 'message/reply'].map(from),
  )
  const clock = new VirtualClock()
  let begun
  const user = { admit: () => undefined, request: (transaction) => (begun = transaction) }
  const layer = new TransactionLayer(user, new Timers(clock))
  const flow = { transport: 'udp', address: '127.0.0.1', port: 5070, local: peer(() => {}) }
  const step = (i) => {
    const request = parseText(options(i), flow)
    const response = makeResponse(request, 200, '', 'tag')
    clock.advance(1)
    return timed(() => {
      layer.receiveRequest(request, flow)
      begun.respond(response)
    })
  }
  return best('transaction: a request and its final answer', step, REPEATS)
}

/** The proxy without sockets. Only what the stack does is timed. */
async function makeStack() {
  const { receive, clock } = await stackAlone('micro')
  const takes = (wire) => {
    const bytes = Buffer.from(wire, 'latin1')
    clock.advance(1)
    return timed(() => receive(bytes, 5070))
  }
  return { takes }
}

/** `work` is given numbers that never come again, and says how many milliseconds were its own. */
function best(name, work, repeats) {
  let fastest = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    let spent = 0
    for (let i = 0; i < repeats; i++) spent += work(round * repeats + i)
    fastest = Math.min(fastest, spent / repeats)
  }
  return { name, microseconds: fastest * 1000 }
}

/** A result that somebody could read is made. */
const kept = { result: undefined }

function timed(work) {
  const began = performance.now()
  kept.result = work()
  return performance.now() - began
}
