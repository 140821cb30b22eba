/** Which worker a datagram belongs to, asked of messages that nobody here wrote, whole and with things done to them. */
import { expect, it } from 'vitest'
import { ownerOf } from '../../packages/core/src/message/owner.ts'
import { isMalformed, parseMessage } from '../../packages/core/src/message/parse.ts'
import { ownerByMessage } from '../../packages/core/src/testing/owner-by-message.ts'
import { callFlows, messagesOf } from './files.ts'
import { mutated } from './mutate.ts'
import { fuzzRuns, fuzzSeed, random } from './random.ts'

const WORKERS = 1000
const messages = ['rfc4475', 'rfc5118', 'valid-messages'].flatMap(messagesOf)
const all = [...messages, ...callFlows().flatMap((flow) => flow.messages)].map(({ bytes }) => bytes)

/** Says whether the parser takes it. */
function agrees(bytes: Buffer): boolean {
  const message = parseMessage(bytes)
  const owner = ownerOf(bytes, WORKERS)
  if (isMalformed(message)) return false
  if (owner !== ownerByMessage(message, WORKERS))
    throw new Error(`not its owner, ${owner}:\n${bytes.toString('latin1')}`)
  return true
}

it('what is found in the bytes is what the parser reads', () => {
  expect(all.filter(agrees).length).toBeGreaterThan(150)
})

it('and in whatever networks, bugs and enemies make of them', () => {
  const texts = all.map((bytes) => bytes.toString('latin1'))
  const chance = random(fuzzSeed(3261))
  let accepted = 0
  for (let run = fuzzRuns(4000); run > 0; run--) {
    if (agrees(Buffer.from(mutated(chance.pick(texts), texts, chance), 'latin1'))) accepted++
  }
  expect(accepted).toBeGreaterThan(0)
})
