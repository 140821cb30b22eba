/** `onRequest` and `onInDialog`, and the actions that a failure route has too. */
import type {
  Drop,
  Fork,
  InDialogContext,
  Redirect,
  Registrar,
  Relay,
  RelayOptions,
  Reply,
  RequestContext,
  UacRegRequest,
  UacReplace,
  UacRestore,
  UacSend,
} from '@signalbox/dsl'
import { Context, type Armed, type ContextCall } from './context.ts'
import { makeRedirect, makeReply } from './local-response.ts'
import { planFork, planRelay, type PlanBasis } from './relay-plan.ts'
import { RegistrarHelper } from './registrar-helper.ts'
import type { Run } from './run.ts'
import { InDialogUac, RequestUac } from './uac-helpers.ts'

/** Every action but `drop`. Options are looked at before anything is done, so that a mistake in them leaves the route free to act. */
export abstract class ActingContext extends Context {
  get relay(): Relay {
    const relay: Relay = (options = {}) => {
      const armed = this.call.armed(options)
      const basis = this.basis(armed)
      const plan = planRelay(options, basis)
      if (!this.run.act('relay', relay)) return
      if (this.#isAstray(options, basis)) return this.call.transaction.answerWithinDialog()
      this.call.arm(armed.failure)
      this.call.pin(options)
      this.call.transaction.forward(plan)
    }
    return relay
  }

  /**
   * A To tag alone is no ticket: a request within a dialog that came without a Route of ours, and is to go where its Request-URI says, would
   * make an open relay of us. It is answered as if no route had acted.
   */
  #isAstray({ to }: RelayOptions, { nextHop, found }: PlanBasis): boolean {
    const { inDialog, arrival } = this.call.transaction
    return inDialog && !arrival.routed && to === undefined && nextHop === undefined && found === undefined
  }

  get fork(): Fork {
    const fork: Fork = (targets, options = {}) => {
      const armed = this.call.armed(options)
      const plan = planFork(targets, options, this.basis(armed))
      if (!this.run.act('fork', fork)) return
      this.call.arm(armed.failure)
      this.call.pin(options)
      this.call.transaction.forward(plan)
    }
    return fork
  }

  get reply(): Reply {
    const reply: Reply = (status, reason = '', options = {}) => {
      const { transaction } = this.call
      const response = makeReply(transaction, status, reason, options)
      const what = `reply(${status})`
      const may = status >= 200 ? this.run.act(what, reply) : this.run.mayAct(what, reply) && !transaction.isCanceled
      if (may) transaction.respond(response)
    }
    return reply
  }

  get redirect(): Redirect {
    const redirect: Redirect = (contacts) => {
      const response = makeRedirect(this.call.transaction, contacts)
      if (this.run.act('redirect', redirect)) this.call.transaction.respond(response)
    }
    return redirect
  }
}

export class RequestCall extends ActingContext implements RequestContext {
  #registrar: RegistrarHelper | undefined

  constructor(call: ContextCall, run: Run) {
    super(call, run, call.request)
  }

  get registrar(): Registrar {
    return (this.#registrar ??= new RegistrarHelper(this.call, this.run, this.req.message))
  }

  protected override basis(armed: Armed): PlanBasis {
    const basis = super.basis(armed)
    const found = this.#registrar?.found
    // RFC 3261 §16.5: the target set of another Request-URI is not that of this one.
    return found?.requestUri === this.req.message.requestUri ? { ...basis, found: found.groups } : basis
  }

  override get uac(): UacReplace & UacSend & UacRegRequest {
    return new RequestUac(this.helping)
  }

  get drop(): Drop {
    const drop: Drop = () => {
      if (this.run.act('drop', drop)) this.call.transaction.drop()
    }
    return drop
  }
}

export class InDialogCall extends RequestCall implements InDialogContext {
  override get uac(): UacRestore & UacSend & UacRegRequest {
    return new InDialogUac(this.helping)
  }
}
