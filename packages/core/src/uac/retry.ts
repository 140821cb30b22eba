/**
 * A challenged branch made ready to be tried once more: an answer to its challenge goes into the request, and out of both comes the plan (RFC
 * 3261 §22.2): same target, host and tags, CSeq + 1. Credentials are for the host that asked: they leave with nothing else.
 */
import type { Credentials } from '@signalbox/dsl'
import { MAX_CSEQ } from '../message/cseq.ts'
import type { Field } from '../message/field.ts'
import type { Message } from '../message/message.ts'
import type { Answer, Answerer, BranchPlan, FailedBranch } from '../proxy/branch.ts'
import { chosenAfter, type Chosen, type FindCredentials } from '../proxy/dialogs.ts'
import type { Target } from '../proxy/forward.ts'
import { answerChallenge, signAgain } from './auth.ts'
import { readChallenges } from './challenge.ts'
import type { NonceCounts } from './nonce-counts.ts'

/** Where credentials are looked for now, and where later requests of the dialog look. */
export interface Choice {
  readonly find: FindCredentials
  readonly later?: FindCredentials | undefined
}

export type RetryPlan = { -readonly [Key in keyof BranchPlan]: BranchPlan[Key] }

export class Retry {
  /** The request of the branch as its route left it, without the credentials it carried. */
  readonly request: Message
  readonly #branch: FailedBranch
  readonly #counts: NonceCounts
  #answers: readonly Answer[] = []
  #chosen: Chosen | undefined
  /** The caller's own credentials for a realm that is answered here. */
  #displaced: readonly Field[] = []
  /** What the digests are over, beside the method. */
  #digestedUri = ''
  #digestedBody = ''

  constructor(branch: FailedBranch, counts: NonceCounts) {
    this.#branch = branch
    this.#counts = counts
    this.request = branch.plan.request.clone()
    remove(this.request, branch.plan.answers.map(fieldOf))
  }

  get branch(): FailedBranch {
    return this.#branch
  }

  get isAnswered(): boolean {
    return this.#answers.length > 0
  }

  /** Puts an answer into the request; otherwise says why there is none, and the request stays as it was. */
  answer({ find, later }: Choice): true | string {
    const { plan, hop, final } = this.#branch
    // RFC 3261 §22.2, §8.1.1.5: the repeat has a CSeq of its own, and there is none above the last.
    if (this.request.cseq!.number + plan.shift >= MAX_CSEQ) return 'no CSeq is left for a repeat'
    const used = new Map<string, Credentials>()
    const uri = this.#isRewritten ? this.request.requestUri : this.#uri
    const answers = answerChallenge({
      response: final!,
      method: this.request.method,
      uri,
      body: this.request.body,
      counts: this.#counts,
      sent: plan.answers,
      find: (realm) => {
        const credentials = find(realm, hop)
        if (credentials !== undefined) used.set(realm, credentials)
        return credentials
      },
    })
    if (typeof answers === 'string') return answers
    this.takeBack()
    // What was read of it is forgotten where it is set.
    if (uri !== this.request.requestUri) this.request.requestUri = uri
    this.#put(answers)
    this.#chosen = chosenAfter(plan.credentials, { byRealm: used, otherwise: later })
    this.#digestedUri = uri
    this.#digestedBody = this.request.body
    return true
  }

  #put(answers: readonly Answer[]): void {
    this.#displaced = this.request.fields.filter((field) => isDisplaced(field, answers))
    remove(this.request, this.#displaced)
    for (const { field } of answers) this.request.append(field)
    this.#answers = answers
  }

  takeBack(): void {
    if (!this.isAnswered) return
    remove(this.request, this.#answers.map(fieldOf))
    for (const field of this.#displaced) this.request.append(field)
    if (this.request.requestUri === this.#uri) this.request.requestUri = this.#branch.plan.request.requestUri
    this.#answers = this.#displaced = []
  }

  /** The branch once more, as a plan that nobody else has. */
  plan(): RetryPlan {
    const { plan, flow } = this.#branch
    const request = this.request.clone()
    const { recordRoute, timeouts, shift, routes, auth, credentials } = plan
    const target = this.#target
    // Key by key, as in relay-plan.ts: one shape.
    const again: RetryPlan = { request, target, recordRoute, timeouts, shift, answers: [], routes, auth, credentials }
    if (plan.retries !== undefined) again.retries = plan.retries
    if (flow !== undefined) again.flow = flow
    if (!this.isAnswered) return again
    again.shift = shift + 1
    again.sign = this.#signer()
    again.answers = again.sign(request)
    again.credentials = this.#chosen
    return again
  }

  /** The digests are over what leaves: the route, and the branch route after it, may each have changed that. */
  #signer(): (leaving: Message) => readonly Answer[] {
    let answers = this.#answers
    let uri = this.#digestedUri
    let body = this.#digestedBody
    return (leaving) => {
      if (leaving.requestUri === uri && leaving.body === body) return answers
      uri = leaving.requestUri
      body = leaving.body
      answers = signAgain(leaving, answers, this.#counts)
      return answers
    }
  }

  /** A Request-URI that the route wrote, or that stands in the request by now, is not replaced once more. */
  get #target(): Target {
    const { nextHop, requestUri } = this.#branch.plan.target
    if (requestUri === undefined || !this.#isRewritten) return this.#branch.plan.target
    return nextHop === undefined ? {} : { nextHop }
  }

  get #isRewritten(): boolean {
    return this.request.requestUri !== this.#branch.plan.request.requestUri
  }

  /** The Request-URI of the branch. */
  get #uri(): string {
    const { target, request } = this.#branch.plan
    return target.requestUri?.bytes ?? request.requestUri
  }
}

/** Answers challenges with these credentials. `refused` hears why none was given. */
export function answerer(choice: Choice, counts: NonceCounts, refused: (why: string) => void): Answerer {
  return (challenged) => {
    const retry = new Retry(challenged, counts)
    const result = retry.answer(choice)
    if (result === true) return retry.plan()
    refused(result)
    return undefined
  }
}

/** RFC 3261 §22.3: one answer for a realm; a carrier that found the caller's own first would refuse the call. */
function isDisplaced(field: Field, answers: readonly Answer[]): boolean {
  for (const { header, realm } of answers)
    if (field.id === header && readChallenges(field.value)[0]?.params.get('realm') === realm) return true
  return false
}

function fieldOf({ field }: Answer): Field {
  return field
}

function remove(request: Message, fields: readonly Field[]): void {
  if (fields.length > 0) request.replace((field) => fields.includes(field), [])
}
