/**
 * A challenged branch made ready to be tried once more: an answer to its challenge goes into the request, and out of both comes the plan (RFC
 * 3261 §22.2): same target, host and tags, CSeq + 1. Credentials are for the host that asked: they leave with nothing else.
 */
import type { Message } from '../message/message.ts'
import type { Answer, Answerer, BranchPlan, FailedBranch } from '../proxy/branch.ts'
import type { FindCredentials } from '../proxy/dialogs.ts'
import { answerChallenge } from './auth.ts'
import type { NonceCounts } from './nonce-counts.ts'

export class Retry {
  /** The request of the branch as its route left it, without the credentials it carried. */
  readonly request: Message
  readonly #branch: FailedBranch
  readonly #counts: NonceCounts
  #answers: readonly Answer[] = []
  #find: FindCredentials = () => undefined
  /** What the digests are over: an edit after the answer asks for another one. */
  #answeredFor = ''

  constructor(branch: FailedBranch, counts: NonceCounts) {
    this.#branch = branch
    this.#counts = counts
    this.request = branch.plan.request.clone()
    strip(this.request, branch.plan.answers)
  }

  get branch(): FailedBranch {
    return this.#branch
  }

  get isAnswered(): boolean {
    return this.#answers.length > 0
  }

  /** Puts an answer into the request; otherwise says why there is none, and the request stays as it was. */
  answer(find: FindCredentials): true | string {
    const used = new Map<string, ReturnType<FindCredentials>>()
    const answers = answerChallenge({
      response: this.#branch.final!,
      method: this.request.method,
      uri: this.#uri,
      body: this.request.body,
      counts: this.#counts,
      sent: this.#branch.plan.answers,
      find: (realm) => {
        const credentials = find(realm)
        if (credentials !== undefined) used.set(realm, credentials)
        return credentials
      },
    })
    if (typeof answers === 'string') return answers
    this.takeBack()
    for (const { field } of answers) this.request.append(field)
    this.#answers = answers
    this.#find = (realm) => used.get(realm)
    this.#answeredFor = this.#digested
    return true
  }

  takeBack(): void {
    strip(this.request, this.#answers)
    this.#answers = []
  }

  /** The branch once more. */
  plan(): BranchPlan {
    if (this.isAnswered && this.#digested !== this.#answeredFor) this.answer(this.#find)
    const { plan, flow } = this.#branch
    const [find, before] = [this.#find, plan.credentials]
    return {
      ...plan,
      request: this.request.clone(),
      shift: plan.shift + (this.isAnswered ? 1 : 0),
      answers: this.#answers,
      ...(this.isAnswered && { credentials: (realm) => find(realm) ?? before?.(realm) }),
      ...(flow && { flow }),
    }
  }

  /** The Request-URI that the branch leaves with. */
  get #uri(): string {
    const { plan, changedUri } = this.#branch
    return changedUri ?? plan.target.requestUri?.bytes ?? this.request.requestUri
  }

  get #digested(): string {
    return this.#uri + '\n' + this.request.body
  }
}

/** Answers challenges with these credentials. `refused` hears why none was given. */
export function answerer(find: FindCredentials, counts: NonceCounts, refused: (why: string) => void): Answerer {
  return (challenged) => {
    const retry = new Retry(challenged, counts)
    const result = retry.answer(find)
    if (result === true) return retry.plan()
    refused(result)
    return undefined
  }
}

function strip(request: Message, answers: readonly Answer[]): void {
  if (answers.length === 0) return
  const fields = new Set(answers.map(({ field }) => field))
  request.replace((field) => fields.has(field), [])
}
