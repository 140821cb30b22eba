/** What the messages of many calls have in common, as the two sides traced them: the CSeq of each, and who was retried where. */
import { byCall, cseq, firstLine, header, topBranch, type TracedMessage } from './sipp-trace.ts'

/**
 * The requests that the carrier received in each call, as `INVITE 1, ACK 1, …`. Calls that went alike count once, so that
 * a hundred good calls are one line.
 */
export function carrierDialogs(messages: readonly TracedMessage[]): string[] {
  const received = messages.filter(({ direction }) => direction === 'received')
  return distinct([...byCall(received).values()].map((call) => call.map(cseq).join(', ')))
}

/** The CSeq of everything that came back to the caller; calls that went alike count once. */
export function callerAnswers(messages: readonly TracedMessage[]): string[] {
  const received = messages.filter(({ direction }) => direction === 'received')
  return distinct([...byCall(received).values()].map((call) => distinct(call.map(cseq)).join(', ')))
}

/** For each call, the INVITEs that reached the carrier: their branches, and the rest of what identifies them. */
export function invites(messages: readonly TracedMessage[]): { branch: string; identity: string }[][] {
  const received = messages.filter(({ text }) => firstLine(text).startsWith('INVITE '))
  return [...byCall(received).values()].map((call) =>
    call.map((text) => ({ branch: topBranch(text), identity: identity(text) })),
  )
}

function identity(text: string): string {
  return [firstLine(text), header(text, 'From'), header(text, 'To'), header(text, 'Contact')].join('\n')
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)]
}
