/**
 * The failed branches in the hands of a failure route: `uac.auth()` answers every one that challenged, and the plans for sending them once
 * more are made here (RFC 3261 §22.2).
 */
import type { Credentials, ForkOptions } from '@signalbox/dsl'
import { isChallenge } from '../message/challenge-status.ts'
import type { Message } from '../message/message.ts'
import type { BranchPlan, FailedBranch } from '../proxy/branch.ts'
import type { FindCredentials } from '../proxy/dialogs.ts'
import { findCredentials, forRealm, refuseNoCredentials } from '../uac/credentials.ts'
import { Retry, type Choice, type RetryPlan } from '../uac/retry.ts'
import type { Armed, ContextCall } from './context.ts'
import { timeoutsOf } from './relay-plan.ts'

export class Challenged {
  readonly #call: ContextCall
  /** Of the branch that the route is shown. */
  readonly #best: Retry
  /** That one, and those of the other branches that challenged. */
  readonly #all: readonly Retry[]

  constructor(call: ContextCall, best: FailedBranch, all: readonly FailedBranch[]) {
    this.#call = call
    const { nonceCounts } = call.options
    this.#best = new Retry(best, nonceCounts)
    const retries = [this.#best]
    for (const branch of all)
      if (branch !== best && isChallenge(branch.final?.status ?? 0)) retries.push(new Retry(branch, nonceCounts))
    this.#all = retries
  }

  /** What the route may change. */
  get request(): Message {
    return this.#best.request
  }

  get isAnswered(): boolean {
    return this.#all.some(({ isAnswered }) => isAnswered)
  }

  /** Puts the answers into the requests; otherwise says why there is none. */
  answer(given: Credentials | undefined): true | string {
    if (this.#call.transaction.isCanceled) return 'the caller has cancelled'
    const choice = choiceFor(this.#call, given)
    let result = this.#best.answer(choice)
    for (const retry of this.#all) if (retry !== this.#best && retry.answer(choice) === true) result = true
    return result
  }

  takeBack(): void {
    for (const retry of this.#all) retry.takeBack()
  }

  /** Every answered branch once more, or the one that the route is shown; options change what they name. */
  again(options: ForkOptions, armed: Armed): BranchPlan[] {
    const answered = this.#all.filter(({ isAnswered }) => isAnswered)
    return (answered.length > 0 ? answered : [this.#best]).map((retry) => changed(retry.plan(), options, armed))
  }
}

/** What is given counts; else the trunk, what was chosen for the dialog's INVITE, then `vars` and the config. */
export function choiceFor(call: ContextCall, given: Credentials | undefined): Choice {
  if (given !== undefined) refuseNoCredentials(given)
  const later = sourcesOf(call, given)
  const remembered = given === undefined ? call.transaction.remembered : undefined
  if (remembered === undefined || call.chosen !== undefined) return { find: later, later }
  return { find: (realm, hop) => remembered(realm, hop) ?? later(realm, hop) }
}

/** Holds on to these sources alone: the dialog remembers it for as long as it lasts. */
function sourcesOf({ generation, vars, chosen }: ContextCall, given: Credentials | undefined): FindCredentials {
  if (given !== undefined) return (realm) => forRealm(given, realm)
  const { uac } = generation.settings
  const sources = {
    vars: vars as Record<string, unknown>,
    authVars: uac.authVars,
    configured: uac.credentials,
  }
  return (realm, hop) => chosen?.(realm, hop) ?? findCredentials(realm, sources)
}

function changed(plan: RetryPlan, options: ForkOptions, { branches, auth, credentials }: Armed): BranchPlan {
  const { onBranch, onReply, onBranchFailure } = options
  plan.recordRoute = options.recordRoute ?? plan.recordRoute
  plan.timeouts = timeoutsOf(options, plan.timeouts)
  if ((onBranch ?? onReply ?? onBranchFailure) !== undefined)
    plan.routes = {
      ...plan.routes,
      ...(onBranch !== undefined && { leaving: branches?.leaving }),
      ...(onReply !== undefined && { reply: branches?.reply }),
      ...(onBranchFailure !== undefined && { failed: branches?.failed }),
    }
  if (options.auth !== undefined) {
    plan.auth = auth
    plan.credentials = credentials
  }
  return plan
}
