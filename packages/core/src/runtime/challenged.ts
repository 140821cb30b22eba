/**
 * A failed branch in the hands of a failure route: `uac.auth()` puts an answer to its challenge into the request, and the plan for sending it
 * once more is made here (RFC 3261 §22.2). Credentials are for the host that asked: they leave with nothing else.
 */
import type { Credentials, ForkOptions } from '@signalbox/dsl'
import type { Message } from '../message/message.ts'
import type { Answer, BranchPlan, FailedBranch } from '../proxy/branch.ts'
import { answerChallenge } from '../uac/auth.ts'
import { findCredentials } from '../uac/credentials.ts'
import type { ContextCall } from './context.ts'
import { timeoutsOf } from './relay-plan.ts'

export class Challenged {
  /** The request of the branch as its route left it, without the credentials it carried. */
  readonly request: Message
  readonly #call: ContextCall
  readonly #branch: FailedBranch
  #answers: readonly Answer[] = []

  constructor(call: ContextCall, branch: FailedBranch) {
    this.#call = call
    this.#branch = branch
    this.request = branch.plan.request.clone()
    strip(this.request, branch.plan.answers)
  }

  get isAnswered(): boolean {
    return this.#answers.length > 0
  }

  /** Puts the answer into the request; otherwise says why there is none. */
  answer(given: Credentials | undefined): true | string {
    if (this.#call.transaction.isCanceled) return 'the caller has cancelled'
    const { authVars, credentials: configured } = this.#call.options.uac
    const { plan, final, changedUri } = this.#branch
    const vars = this.#call.vars as Record<string, unknown>
    const answers = answerChallenge({
      response: final!,
      method: this.request.method,
      uri: changedUri ?? plan.target.requestUri?.bytes ?? this.request.requestUri,
      body: this.request.body,
      sent: plan.answers,
      counts: this.#call.options.nonceCounts,
      find: (realm) => findCredentials(realm, { given, vars, authVars, configured }),
    })
    if (typeof answers === 'string') return answers
    this.takeBack()
    for (const { field } of answers) this.request.append(field)
    this.#answers = answers
    return true
  }

  takeBack(): void {
    strip(this.request, this.#answers)
    this.#answers = []
  }

  /** The same branch once more: same target, host, Call-ID and tags; options change what they name. Answered: CSeq + 1. */
  again(options: ForkOptions, routes: BranchPlan['routes']): BranchPlan {
    const { plan, flow } = this.#branch
    return {
      ...plan,
      request: this.request.clone(),
      recordRoute: options.recordRoute ?? plan.recordRoute,
      timeouts: timeoutsOf(options, plan.timeouts),
      shift: plan.shift + (this.isAnswered ? 1 : 0),
      answers: this.#answers,
      routes: {
        ...plan.routes,
        ...(options.onBranch !== undefined && { leaving: routes?.leaving }),
        ...(options.onReply !== undefined && { reply: routes?.reply }),
        ...(options.onBranchFailure !== undefined && { failed: routes?.failed }),
      },
      ...(flow && { flow }),
    }
  }
}

function strip(request: Message, answers: readonly Answer[]): void {
  if (answers.length === 0) return
  const fields = new Set(answers.map(({ field }) => field))
  request.replace((field) => fields.has(field), [])
}
