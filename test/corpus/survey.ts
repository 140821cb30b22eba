/** The whole corpus through the proxy, once: what becomes of each message, beside what should. */
import { callFlows, messagesOf, type CorpusMessage } from './files.ts'
import { departures, ofWellFormed, rfc4475, rfc5118, type Departure, type Expectation } from './expectations.ts'
import { examineAnswer, examineRequest, examineRoutedAck, examineStray, type Outcome } from './examine.ts'
import { play } from './flows.ts'
import { openParty } from './party.ts'
import { Parties } from './lab.ts'
import { kindOf, takeApart } from './text.ts'

export interface Finding {
  readonly folder: string
  readonly file: string
  readonly expectation: Expectation
  readonly does: Outcome
  /** Of a response: what becomes of it when it belongs to nothing. */
  readonly stray: Outcome | undefined
  /** Of an ACK: what becomes of it with a Route of ours. */
  readonly routed: Outcome | undefined
  readonly departure: Departure | undefined
}

export interface FlowFinding {
  readonly name: string
  /** `as drawn`, or what was other than that. */
  readonly does: Outcome
  readonly departure: Departure | undefined
}

export interface Survey {
  readonly findings: readonly Finding[]
  readonly flows: readonly FlowFinding[]
}

const tables: Record<string, (file: string, kind: string) => Expectation | undefined> = {
  rfc4475: (file) => rfc4475[file],
  rfc5118: (file) => rfc5118[file],
  'valid-messages': (_, kind) => ofWellFormed(kind),
}

export async function survey(): Promise<Survey> {
  const four = await Parties.open('127.0.0.1')
  // RFC 5118 is about IPv6: over it, where the machine has it.
  const six = (await hasIPv6()) ? await Parties.open('::1') : four
  const findings: Finding[] = []
  for (const message of Object.keys(tables).flatMap(messagesOf)) {
    findings.push(await examine(message, message.folder === 'rfc5118' ? six : four))
  }
  const flows: FlowFinding[] = []
  for (const flow of callFlows()) {
    flows.push({ name: flow.name, does: await play(four, flow), departure: departures[flow.name] })
  }
  await Promise.all([four.close(), ...(six === four ? [] : [six.close()])])
  return { findings, flows }
}

async function examine({ folder, file, bytes }: CorpusMessage, parties: Parties): Promise<Finding> {
  const text = takeApart(bytes)
  const expectation = tables[folder]!(file, kindOf(text))
  if (expectation === undefined) throw new Error(`${folder}/${file} stands in no table of test/corpus/expectations.ts`)
  const isResponse = text.start.startsWith('SIP/')
  const stray = isResponse ? await examineStray(parties, bytes) : undefined
  return {
    folder,
    file,
    expectation,
    does: await whatBecomes(expectation, bytes, parties, stray),
    stray,
    routed: kindOf(text) === 'ACK' ? await examineRoutedAck(parties, bytes) : undefined,
    departure: departures[`${folder}/${file}`],
  }
}

function whatBecomes(
  { keep = [], strayOnly }: Expectation,
  bytes: Buffer,
  parties: Parties,
  stray: Outcome | undefined,
): Promise<Outcome> | Outcome {
  if (stray === undefined) return examineRequest(parties, bytes)
  return strayOnly ? stray : examineAnswer(parties, bytes, keep)
}

async function hasIPv6(): Promise<boolean> {
  return openParty('::1').then(
    async (party) => {
      await party.close()
      return true
    },
    () => false,
  )
}
