/** `onFailure` and `onBranchFailure`: what may be done when a branch, or all of them, have failed. */
import type {
  BranchFailureContext,
  FailureContext,
  Fork,
  Relay,
  RelayOptions,
  UacAuth,
  UacReg,
  UacRegRequest,
  UacSend,
  UacReplace,
} from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'
import type { BranchPlan, FailedBranch } from '../proxy/branch.ts'
import { Challenged } from './challenged.ts'
import { Context, type Armed, type ContextCall } from './context.ts'
import type { Route } from './generation.ts'
import { ResponseView } from './message-views.ts'
import { planRelay } from './relay-plan.ts'
import { ActingContext } from './request-contexts.ts'
import type { Run } from './run.ts'
import { authHelper, FailureUac } from './uac-helpers.ts'

export class FailureCall extends ActingContext implements FailureContext {
  readonly res: ResponseView
  readonly #all: readonly FailedBranch[]
  readonly #route: Route<'failure'>
  readonly #challenged: Challenged

  /** `route` is the failure route that runs: a retry arms it again. */
  constructor(call: ContextCall, run: Run, best: FailedBranch, all: readonly FailedBranch[], route: Route<'failure'>) {
    const challenged = new Challenged(call, best, all)
    super(call, run, challenged.request)
    this.res = new ResponseView(best.final!, best.isLocal)
    this.#all = all
    this.#route = route
    this.#challenged = challenged
  }

  get responses(): ResponseView[] {
    return this.#all.map(({ final, isLocal }) => new ResponseView(final!, isLocal))
  }

  get canceled(): boolean {
    return this.call.transaction.isCanceled
  }

  override get uac(): UacAuth & UacReplace & UacSend & UacRegRequest {
    return new FailureUac(this.helping, this.#challenged)
  }

  /** After `uac.auth()` returned true, a relay that names no host is the challenged branch once more. */
  override get relay(): Relay {
    const relay = (options: RelayOptions = {}): void => {
      if (this.#challenged.isAnswered && options.to === undefined) return this.#retry(relay, options)
      this.#challenged.takeBack()
      super.relay(options)
    }
    return relay
  }

  /** Credentials are for the host that asked, and a fork goes to others. */
  override get fork(): Fork {
    const fork: Fork = (targets, options) => {
      this.#challenged.takeBack()
      super.fork(targets, options)
    }
    return fork
  }

  #retry(relay: Relay, options: RelayOptions): void {
    const armed = this.call.armed(options)
    const plans = this.#challenged.again(options, armed)
    if (!this.run.act('relay', relay)) return
    this.call.arm(options.onFailure === undefined ? this.#route : armed.failure)
    this.call.pin(options)
    this.call.transaction.forward([plans])
  }
}

export class BranchFailureCall extends Context implements BranchFailureContext {
  readonly res: ResponseView
  readonly #challenged: Challenged
  readonly #retry: (plan: BranchPlan) => void

  /** `retry` takes what is to be tried in the branch's place. */
  constructor(call: ContextCall, run: Run, branch: FailedBranch, retry: (plan: BranchPlan) => void) {
    const challenged = new Challenged(call, branch, [])
    super(call, run, challenged.request)
    this.res = new ResponseView(branch.final!, branch.isLocal)
    this.#challenged = challenged
    this.#retry = retry
  }

  override get uac(): UacAuth & UacSend & UacReg {
    const { send, reg } = super.uac
    return { send, reg, auth: authHelper(this.helping, this.#challenged) }
  }

  get relay(): Relay {
    const relay: Relay = (options = {}) => {
      const armed = this.call.armed(options)
      const plan = this.#plan(options, armed)
      if (!this.run.act('relay', relay)) return
      if (armed.failure !== undefined) this.call.arm(armed.failure)
      this.call.pin(options)
      this.#retry(plan)
    }
    return relay
  }

  /** This branch once more, or another target in its place. */
  #plan(options: RelayOptions, armed: Armed): BranchPlan {
    if (options.to === undefined) return this.#challenged.again(options, armed)[0]!
    this.#challenged.takeBack()
    const [[plan] = [], ...more] = planRelay(options, this.basis(armed))
    if (more.length > 0)
      throw new SignalboxError('BAD_TARGET', 'in the place of one branch goes one target, not a list')
    return plan!
  }
}
