/**
 * What all context objects share. Helpers are getters that make their function when it is asked for, since most routes destructure two or
 * three. What each context has is fixed by the dsl's types; what it does is in request-, failure- and branch-contexts.ts.
 */
import type { ForkOptions, Log, Send, Sql, UacReg, UacSend, Vars } from '@signalbox/dsl'
import type { Message } from '../message/message.ts'
import type { Answerer, BranchRoutes } from '../proxy/branch.ts'
import type { Chosen, FindCredentials } from '../proxy/dialogs.ts'
import type { ProxyTransaction } from '../proxy/proxy-transaction.ts'
import type { Account } from '../trunks/account.ts'
import type { Uri } from '../message/uri.ts'
import { registrations } from './uac-reg.ts'
import type { Generation, Route } from './generation.ts'
import { RequestView } from './message-views.ts'
import type { CallLog, RuntimeOptions } from './options.ts'
import type { PlanBasis } from './relay-plan.ts'
import type { Run } from './run.ts'

/** What contexts need of their call. */
export interface ContextCall {
  readonly transaction: ProxyTransaction
  readonly generation: Generation
  readonly options: RuntimeOptions
  readonly request: Message
  readonly vars: Vars
  readonly log: CallLog
  readonly signal: AbortSignal
  readonly done: Promise<void>
  readonly send: Send
  /** A route has sent the request out through this trunk. */
  choose(account: Account): void
  /** The credentials of those, if any: asked before all others. */
  readonly chosen: FindCredentials | undefined
  /** The routes that the options name. Throws `NO_ROUTE`. */
  armed(options: ForkOptions): Armed
  /** Arms the failure route for the branches that start now: one shot. */
  arm(failure: Route<'failure'> | undefined): void
  /** Keeps the dialog on this generation, where the options ask for it. */
  pin(options: ForkOptions): void
}

export interface Armed {
  readonly failure: Route<'failure'> | undefined
  readonly branches: BranchRoutes | undefined
  /** Answers challenges to the branches, where `auth` asks for it. */
  readonly auth: Answerer | undefined
  /** Answers those to later requests of the dialog. */
  readonly credentials: Chosen | undefined
}

/** What the helpers of `uac` work on. */
export interface Helping {
  readonly call: ContextCall
  readonly run: Run
  readonly req: RequestView
}

export abstract class Context {
  readonly req: RequestView
  protected readonly call: ContextCall
  protected readonly run: Run

  constructor(call: ContextCall, run: Run, request: Message) {
    this.call = call
    this.run = run
    this.req = new RequestView(request)
    run.context = this
  }

  get log(): Log {
    return this.call.log
  }

  get vars(): Vars {
    return this.call.vars
  }

  get sql(): Sql {
    return this.call.options.sql
  }

  get signal(): AbortSignal {
    return this.call.signal
  }

  get done(): Promise<void> {
    return this.call.done
  }

  get uac(): UacSend & UacReg {
    return { send: this.call.send, reg: registrations(this.call.options.trunks?.(), () => this.req.ruri as Uri) }
  }

  protected get helping(): Helping {
    const { call, run, req } = this
    return { call, run, req }
  }

  /** What a relay or fork from here starts with. */
  protected basis({ branches: routes, auth, credentials }: Armed): PlanBasis {
    const { transaction, options } = this.call
    return {
      request: this.req.message,
      nextHop: this.req.dstUri,
      shift: transaction.shift,
      inDialog: transaction.inDialog,
      timerC: options.timerC,
      maxBranches: options.maxBranches,
      routes,
      auth,
      credentials,
    }
  }
}
