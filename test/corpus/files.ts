/**
 * The messages that nobody here wrote: `../shared/corpus` beside the repository, or where SIGNALBOX_CORPUS says. Without them the tests
 * fail in CI; elsewhere `vitest.config.ts` leaves their files out and says so.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const corpus = process.env['SIGNALBOX_CORPUS'] ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url))

export interface CorpusMessage {
  readonly folder: string
  readonly file: string
  /** What the index says of it; null where nothing is expected. */
  readonly verdict: 'valid' | 'invalid' | null
  readonly bytes: Buffer
}

interface MessageIndex {
  messages: { file: string; verdict?: 'valid' | 'invalid' | null }[]
}

/** Every message that the folder's index names, in its order. */
export function messagesOf(folder: string): CorpusMessage[] {
  const { messages } = JSON.parse(readCorpus(folder, 'index.json').toString('utf8')) as MessageIndex
  return messages.map(({ file, verdict = null }) => ({ folder, file, verdict, bytes: readCorpus(folder, file) }))
}

/** A message of RFC 3665 or RFC 3327, and between whom it goes, where the RFC draws it. */
export interface FlowMessage {
  readonly bytes: Buffer
  readonly from: string | null
  readonly to: string | null
}

export interface Flow {
  readonly name: string
  readonly messages: readonly FlowMessage[]
}

interface FlowIndex {
  flows: { flow: string; messages: { file: string; src: string | null; dst: string | null }[] }[]
}

export function callFlows(): Flow[] {
  const { flows } = JSON.parse(readCorpus('callflows', 'index.json').toString('utf8')) as FlowIndex
  return flows.map(({ flow, messages }) => ({
    name: flow,
    messages: messages.map(({ file, src, dst }) => ({ bytes: readCorpus('callflows', file), from: src, to: dst })),
  }))
}

/** The files of a folder. */
export function namesIn(folder: string, suffix = ''): string[] {
  assertThere()
  return readdirSync(join(corpus, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map(({ name }) => name)
    .sort()
}

export function readCorpus(folder: string, file: string): Buffer {
  assertThere()
  return readFileSync(join(corpus, folder, file))
}

function assertThere(): void {
  if (existsSync(corpus)) return
  const mend = process.env['CI'] ? 'CI has to have it' : 'put it beside the repository or set SIGNALBOX_CORPUS'
  throw new Error(`no corpus in ${corpus}: ${mend}`)
}
