/**
 * A proxy among peers that send anything: mutated requests from a caller, mutated answers from a carrier. Nothing is a bug, nothing is left
 * behind, and the next call works. Longer by hand: FUZZ_RUNS=100000, another FUZZ_SEED.
 */
import dns from 'node:dns/promises'
import path from 'node:path'
import { answer, simulate, type Simulation } from '@signalbox/core/testing'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { checkMessage } from '../../packages/core/src/message/check.ts'
import { isMalformed, parseText } from '../../packages/core/src/message/parse.ts'
import { messagesOf } from './files.ts'
import { grammatical } from './grammar.ts'
import { mutated } from './mutate.ts'
import { fuzzRuns, fuzzSeed, random, type Random } from './random.ts'
import { dressed, kindOf, putTogether, takeApart, withRport, type Text } from './text.ts'

const routes = path.join(import.meta.dirname, 'read-everything.ts')
const [CALLER, CARRIER, GOOD] = ['127.0.0.1:15555', '127.0.0.1:5090', '127.0.0.1:5095']
const PROXY = '127.0.0.1:5080'
const runs = fuzzRuns(1500)
const seed = fuzzSeed(6026)
/** Messages to one proxy before it is looked at. */
const ROUND = 250

const corpus = ['rfc4475', 'rfc5118', 'valid-messages'].flatMap(messagesOf).map(({ bytes }) => bytes)
const texts = corpus.map((bytes) => bytes.toString('latin1'))
const requests = corpus.map((bytes) => withRport(bytes).toString('latin1')).filter((text) => !text.startsWith('SIP/'))
const responses = corpus.map(takeApart).filter(({ start }) => start.startsWith('SIP/'))

beforeEach(() => {
  // Names that a mutation makes are nobody's.
  vi.spyOn(dns, 'lookup').mockRejectedValue(new Error('there are no names here'))
})

/** A request that reaches the carrier, with a dialog of ours or without. */
function liveRequest(id: number, chance: Random): string {
  const method = chance.pick(['INVITE', 'INVITE', 'OPTIONS', 'BYE', 'ACK', 'CANCEL', 'REGISTER', 'UPDATE'])
  // Ids come again, so that requests meet transactions that are there.
  const call = chance.oneIn(2) ? id : Math.max(0, id - chance.below(20))
  const inDialog = chance.oneIn(3)
  return [
    `${method} sip:bob@${CARRIER} SIP/2.0`,
    `Via: SIP/2.0/UDP ${CALLER};branch=z9hG4bK-fuzz-${call}`,
    ...(inDialog ? [`Route: <sip:127.0.0.1:5080;lr${chance.oneIn(2) ? ';cs=1;ftag=a' : ''}>`] : []),
    ...(inDialog && chance.oneIn(2) ? [`Route: <sip:${CARRIER}${chance.oneIn(3) ? '' : ';lr'}>`] : []),
    'From: <sip:alice@127.0.0.1>;tag=a',
    `To: <sip:bob@127.0.0.1>${inDialog ? ';tag=b' : ''}`,
    `Call-ID: fuzz-${call}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:${CALLER}>`,
    'Max-Forwards: 70',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
}

/** An answer of the corpus, or a plain one, that belongs to this request. */
function liveAnswer(request: Text, chance: Random): Text {
  const status = chance.pick([
    '100 T',
    '180 R',
    '183 P',
    '200 OK',
    '302 M',
    '401 U',
    '407 P',
    '408 T',
    '486 B',
    '503 S',
    '603 D',
  ])
  const plain: Text = { start: `SIP/2.0 ${status}`, fields: ['Content-Length: 0'], body: '' }
  const answered = dressed(
    chance.oneIn(3) ? chance.pick(responses) : plain,
    request,
    'via',
    'from',
    'to',
    'call-id',
    'cseq',
  )
  if (!/ 40[17] /.test(answered.start)) return answered
  return { ...answered, fields: [...answered.fields, 'Proxy-Authenticate: Digest realm="r", nonce="n"'] }
}

interface Bed {
  readonly net: Simulation
  /** Sends this to the proxy and lets it have its effect. */
  send(text: string): Promise<void>
}

/** A carrier that answers what it is asked with something that `answers` makes, more than once at times. */
async function bed(chance: Random, answers: (answer: string) => string): Promise<Bed> {
  const net = await simulate({ routes, credentials: [{ realm: 'r', username: 'u', password: 'p' }] })
  net.uas(GOOD, answer())
  const carrier = net.network.open('127.0.0.1', 5090, (bytes) => {
    const request = takeApart(bytes)
    if (request.start.startsWith('SIP/') || kindOf(request) === 'ACK') return
    for (let times = chance.below(4); times > 0; times--) {
      const text = answers(putTogether(liveAnswer(request, chance)).toString('latin1'))
      carrier.send(text, '127.0.0.1', 5080)
    }
  })
  const caller = net.network.open('127.0.0.1', 15555, () => undefined)
  return {
    net,
    send: async (text) => {
      caller.send(text, '127.0.0.1', 5080)
      await net.advance(chance.oneIn(20) ? 5000 : 1)
    },
  }
}

/** What leaves the proxy is well-formed, but for what a refusal copies of a broken request. */
function wrongWith(wire: string): string | undefined {
  if (/^SIP\/2\.0 (400|505|513) /.test(wire)) return undefined
  const message = parseText(wire)
  if (isMalformed(message)) return message.code
  // The Vias below ours are as the carrier left them.
  return !message.isRequest && message.topVia !== undefined ? undefined : checkMessage(message)
}

/** What holds whatever came. */
async function expectSane({ net }: Bed, at: string): Promise<void> {
  const { counters } = net.stack
  expect(
    net.log.filter(({ level }) => level === 'error'),
    at,
  ).toEqual([])
  expect(counters.dropped.get('internal_error'), at).toBe(0)
  expect(counters.routes.get('thrown'), at).toBe(0)
  for (const { from, wire } of net.network.sent)
    if (from === PROXY) expect(wrongWith(wire), `${at}: ${wire}`).toBeUndefined()
  expect(await net.uac().invite(`sip:good@${GOOD}`), at).toBeAnsweredWith(200)
  // Timer C and what a CANCEL waits for; then `close` looks whether anything is left after 64 × T1.
  await net.advance('300s')
  await net.close()
}

async function fuzz(
  first: number,
  next: (id: number, chance: Random) => string,
  answers: (text: string, chance: Random) => string,
) {
  for (let done = 0; done < runs; done += ROUND) {
    const chance = random(first + done)
    const here = await bed(chance, (text) => answers(text, chance))
    for (let id = 0; id < Math.min(ROUND, runs - done); id++) await here.send(next(id, chance))
    await expectSane(here, `FUZZ_SEED=${first + done} FUZZ_RUNS=${Math.min(ROUND, runs - done)}`)
  }
}

const timeout = 30_000 + runs * 40
const asItIs = (text: string): string => text

describe(`fuzzing the proxy, ${runs} messages`, () => {
  test('mutated requests', { timeout }, async () => {
    await fuzz(
      seed,
      (id, chance) => mutated(chance.oneIn(2) ? liveRequest(id, chance) : chance.pick(requests), texts, chance),
      asItIs,
    )
  })

  test('requests and responses after the grammar', { timeout }, async () => {
    await fuzz(seed, (_, chance) => grammatical(chance), asItIs)
  })

  test('mutated responses to good requests', { timeout }, async () => {
    await fuzz(seed, liveRequest, (text, chance) => mutated(text, texts, chance))
  })

  test('good requests in any order, answered anyhow', { timeout }, async () => {
    await fuzz(seed, liveRequest, asItIs)
  })
})
