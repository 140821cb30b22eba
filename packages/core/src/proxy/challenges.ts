/** What of several branches' answers is one answer: their challenges. */
import { isChallenge } from '../message/challenge-status.ts'
import type { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { BranchRecord } from './response-context.ts'

/** RFC 3261 §16.7 step 7: the challenges of every branch, so that the caller can answer them all. */
export function addChallenges(response: Message, branches: readonly BranchRecord[]): void {
  const challenges: Field[] = []
  for (const { final } of branches) {
    if (final === response || !isChallenge(final!.status)) continue
    for (const field of final!.fields) {
      if (field.id === H.WwwAuthenticate || field.id === H.ProxyAuthenticate) challenges.push(field)
    }
  }
  for (const field of challenges) response.append(field)
}
