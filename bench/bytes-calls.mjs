/** Many calls at once through the stack, step by step together, and the heap after each step. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { answer, body, invite, request } from './micro-messages.mjs'
import { stackAlone } from './stack-alone.mjs'

/** Milliseconds: 64 × T1, and some. */
const ALL_TIME = 40_000
/** Calls before the first look: code is compiled, tables have grown. */
const ROUNDS = 2
const CALLER = 5070
const CALLEE = 5090
/** Bytes that are kept of a call by its peers, outside of the heap. */
const SLOT = 2048
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

/** Bytes for each of `calls` calls, and the transactions that there are of it, in each of its states. */
export async function bytesPerCall(calls, isChallenged) {
  const { stack, clock, receive, sent } = await stackAlone('main')
  const peers = makePeers(calls, isChallenged, (wire, port) => receive(Buffer.from(wire, 'latin1'), port), sent)
  let number = 0
  const each = async (step) => {
    for (let i = 0; i < calls; i++) step(i, number + i)
    await settle()
  }
  const later = async () => {
    clock.advance(ALL_TIME)
    await settle()
  }
  const whole = (slot, i) => [peers.ring, peers.answer, peers.end].forEach((step) => step(slot, i))
  for (let round = 0; round < ROUNDS; round++, number += calls) {
    await each(whole)
    await later()
  }
  const empty = heap()
  const look = () => {
    const { clients, servers } = stack.proxy.layer
    return { bytes: (heap() - empty) / calls, transactions: (clients + servers) / calls }
  }
  const phases = {}
  const phase = async (name, work) => {
    await work()
    phases[name] = look()
  }
  await phase('ringing', () => each(peers.ring))
  await phase('answered', () => each(peers.answer))
  await phase('up', later)
  await phase('ended', () => each(peers.end))
  await phase('gone', later)
  number += calls
  await phase('short', () => each(whole))
  await phase('shortGone', later)
  return phases
}

/** Caller and callee: what they must remember is kept in memory that was there before. */
function makePeers(calls, isChallenged, receives, sent) {
  const memory = Buffer.alloc(calls * SLOT)
  const keep = (slot, text) => {
    if (text.length > SLOT - 2) throw new Error(`a message of ${text.length} bytes`)
    memory.writeUInt16LE(memory.latin1Write(text, slot * SLOT + 2), slot * SLOT)
  }
  const kept = (slot) => memory.latin1Slice(slot * SLOT + 2, slot * SLOT + 2 + memory.readUInt16LE(slot * SLOT))
  const outcome = (start) => {
    const found = sent().find((wire) => wire.startsWith(start))
    if (found === undefined) throw new Error(`the proxy did not send ${start}, but: ${sent().join('\n')}`)
    return found
  }
  const inDialog = (slot, method, i, cseq) =>
    receives(request(method, i, { to: ';tag=callee-a6c85cf-1', route: kept(slot), cseq }), CALLER)
  return {
    ring(slot, i) {
      receives(invite(i), CALLER)
      if (isChallenged) receives(answer(outcome('INVITE'), '407 Proxy Authentication Required'), CALLEE)
      const forwarded = outcome('INVITE')
      keep(slot, forwarded)
      receives(answer(forwarded, '180 Ringing'), CALLEE)
      outcome('SIP/2.0 180')
    },
    answer(slot, i) {
      receives(answer(kept(slot), '200 OK', body), CALLEE)
      keep(slot, /^Record-Route: (.*)\r$/m.exec(outcome('SIP/2.0 200'))[1])
      inDialog(slot, 'ACK', i, 1)
      outcome('ACK')
    },
    end(slot, i) {
      inDialog(slot, 'BYE', i, 2)
      receives(answer(outcome('BYE'), '200 OK'), CALLEE)
      outcome('SIP/2.0 200')
    },
  }
}

/** What waits for the end of a turn comes to its end. */
async function settle() {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Twice, since what the first collection finalizes goes with the second. */
function heap() {
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
