/**
 * Whatever comes, reading it is quick and throws nothing, and what is written is read alike. Messages of the corpus with things done to
 * them, and messages after the grammar. Longer by hand: FUZZ_RUNS=100000, another FUZZ_SEED.
 */
import { describe, expect, it } from 'vitest'
import { messagesOf } from '../../../../test/corpus/files.ts'
import { grammatical } from '../../../../test/corpus/grammar.ts'
import { mutated } from '../../../../test/corpus/mutate.ts'
import { fuzzRuns, fuzzSeed, random } from '../../../../test/corpus/random.ts'
import { Address } from './address.ts'
import { checkMessage, isAnswerable } from './check.ts'
import { Framer } from './framing.ts'
import { H, isList } from './header-names.ts'
import { Headers } from './headers.ts'
import type { Message } from './message.ts'
import { isMalformed, parseMessage, parseText } from './parse.ts'
import { makeResponse } from './reply.ts'
import { invite } from './sample.ts'
import { Uri } from './uri.ts'
import { stampReceived } from './via.ts'

const runs = fuzzRuns(4000)
const seed = fuzzSeed(3261)
const valid = [
  ...['rfc4475', 'rfc5118', 'valid-messages'].flatMap(messagesOf).map(({ bytes }) => bytes.toString('latin1')),
  invite('Route: <sip:r;lr>, <sip:s>', 'Contact: "A, B" <sip:a@b>;q=1', 'Content-Length: 0'),
]

/** Milliseconds that reading a datagram may take, on a machine that has other work: what is quadratic takes seconds. */
const allowed = (length: number): number => 100 + length / 200

/** Reads it in every way there is. Says what came of it that should not. */
function wrongWith(text: string): string | undefined {
  const result = parseMessage(Buffer.from(text, 'latin1'))
  const message = isMalformed(result) ? result.message : result
  if (message === undefined) return undefined
  readAll(message)
  if (isAnswerable(message) && isMalformed(result)) makeResponse(message, 400, '', 'tag').toWire()
  if (isMalformed(result)) return undefined
  return notStable(result.toWire()) ?? notAnswered(result) ?? notEdited(result)
}

/** parse(write(parse(x))). */
function notStable(wire: string): string | undefined {
  const again = parseText(wire)
  if (isMalformed(again)) return `what was written is ${again.code}`
  return again.toWire() === wire ? undefined : 'what was written is read otherwise'
}

/** A request that passes gets an answer that passes. */
function notAnswered(message: Message): string | undefined {
  if (!message.isRequest || checkMessage(message) !== undefined) return undefined
  const stamped = stampReceived(message.topVia!, '192.0.2.1', 5060)
  const copy = message.clone()
  if (stamped !== undefined) copy.replaceFirstValue(H.Via, stamped)
  const answer = parseText(makeResponse(copy, 200, '', 'tag').toWire())
  if (isMalformed(answer)) return `its answer is ${answer.code}`
  const fault = checkMessage(answer)
  if (fault !== undefined) return `its answer has a ${fault}`
  if (answer.callId !== message.callId || answer.fromTag !== message.fromTag) return 'its answer is another call’s'
  if (answer.toTag !== (message.toTag || 'tag')) return `its answer has the To tag ${answer.toTag}`
  return answer.topVia!.branch === message.topVia!.branch ? undefined : 'its answer has another branch'
}

/** One value taken off and put back, a field set and deleted: the rest is as it was. */
function notEdited(message: Message): string | undefined {
  const before = message.toWire()
  const copy = message.clone()
  const count = copy.values(H.Via).length
  copy.prependValue(H.Via, 'SIP/2.0/UDP h;branch=z9hG4bK1')
  if (copy.values(H.Via).length !== count + 1) return 'a Via put on top is not there'
  copy.removeFirstValue(H.Via)
  if (copy.toWire() !== before) return 'a Via put on top and taken off leaves a trace'
  const headers = new Headers(copy)
  headers.add('X-Fuzz', 'a')
  headers.set('x-fuzz', ['b', 'c'])
  if (headers.getAll('X-FUZZ').join() !== 'b,c') return 'what was set is not read'
  headers.delete('X-Fuzz')
  return message.has(H.Via) && message.toWire() !== before ? 'a copy’s edits reach the original' : undefined
}

function readAll(message: Message): void {
  checkMessage(message)
  const headers = new Headers(message)
  for (const id of Object.values(H)) {
    for (const value of message.values(id)) readAddress(value)
    const address = message.address(id)
    if (address !== undefined) void [address.uri.user, address.display, address.param('q'), String(address)]
    if (isList[id]) message.clone().removeFirstValue(id)
  }
  for (const field of message.fields) headers.getAll(field.name)
  void [message.uri?.param('lr'), message.uri?.equals('sip:a@b'), message.method, message.fromTag, message.toTag]
}

function readAddress(value: string): void {
  const address = Address.parse(value)
  if (address === undefined || !address.isValid) return
  const { uri } = address
  if (Uri.parse(uri.bytes)?.equals(uri) !== true) throw new Error(`another URI than itself: ${uri.bytes}`)
  void [uri.user, uri.password, uri.host, uri.port, uri.param('transport'), uri.headers]
}

/** How long it takes, at its best: a busy machine is nobody's fault. */
function quickest(act: () => void): number {
  let best = Infinity
  for (let i = 0; i < 5 && best > 10; i++) {
    const started = performance.now()
    act()
    best = Math.min(best, performance.now() - started)
  }
  return best
}

function tryOut(text: string, at: string): void {
  let wrong: string | undefined
  const took = quickest(() => (wrong = wrongWith(text)))
  if (wrong !== undefined) throw new Error(`${at}: ${wrong}: ${JSON.stringify(text)}`)
  if (took > allowed(text.length)) throw new Error(`${at}: took ${took} ms: ${JSON.stringify(text)}`)
}

describe('fuzzing', () => {
  it(`messages with anything done to them, ${runs} times`, { timeout: 20_000 + runs * 10 }, () => {
    for (let run = 0; run < runs; run++) {
      const chance = random(seed + run)
      tryOut(mutated(chance.pick(valid), valid, chance), `seed ${seed + run}`)
    }
  })

  it(`messages after the grammar, ${runs} times`, { timeout: 20_000 + runs * 10 }, () => {
    let wellFormed = 0
    for (let run = 0; run < runs; run++) {
      const text = grammatical(random(seed + run))
      tryOut(text, `seed ${seed + run}`)
      if (!isMalformed(parseText(text))) wellFormed++
    }
    expect(wellFormed / runs).toBeGreaterThan(0.5)
  })

  it(
    `streams of them: the framer throws nothing, and says the same in any chunks, ${runs} times`,
    { timeout: 20_000 + runs * 10 },
    () => {
      for (let run = 0; run < runs / 4; run++) {
        const chance = random(seed + run)
        const stream = Buffer.from(mutated(chance.pick(valid) + chance.pick(valid), valid, chance), 'latin1')
        const [whole, cut] = [new Framer(8000), new Framer(8000)]
        const expected = whole.push(stream)
        const found = []
        for (let at = 0; at < stream.length;) {
          const next = at + 1 + chance.below(200)
          found.push(...cut.push(stream.subarray(at, next)))
          at = next
        }
        expect(found, `seed ${seed + run}`).toEqual(expected)
      }
    },
  )
})
