/**
 * The context objects that handlers destructure. What each has is fixed by the dsl's types; here is what it does. Helpers are getters that
 * make their function when it is asked for, since most routes use two or three.
 */
import type {
  Credentials,
  Drop,
  FailureContext,
  InDialogContext,
  Log,
  Relay,
  RelayOptions,
  Reply,
  RequestContext,
  Vars,
} from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'
import { toBytes } from '../message/chars.ts'
import { newField } from '../message/headers.ts'
import type { Message } from '../message/message.ts'
import { makeResponse } from '../message/reply.ts'
import type { Answer, Branch } from '../proxy/branch.ts'
import type { ProxyTransaction } from '../proxy/proxy-transaction.ts'
import { answerChallenge } from '../uac/auth.ts'
import { findCredentials } from '../uac/credentials.ts'
import type { Route } from './generation.ts'
import { RequestView, ResponseView } from './message-views.ts'
import type { CallLog, RuntimeOptions } from './options.ts'
import { planRelay, timeoutsOf } from './relay-plan.ts'
import type { Run } from './run.ts'

/** What contexts need of their call. */
export interface ContextCall {
  readonly transaction: ProxyTransaction
  readonly options: RuntimeOptions
  readonly request: Message
  readonly vars: Vars
  readonly log: CallLog
  readonly signal: AbortSignal
  readonly done: Promise<void>
  findFailure(wanted: RelayOptions['onFailure']): Route<'failure'> | undefined
  arm(route: Route<'failure'> | undefined): void
}

abstract class Context {
  readonly req: RequestView
  protected readonly call: ContextCall
  protected readonly run: Run

  constructor(call: ContextCall, run: Run, request: Message) {
    this.call = call
    this.run = run
    this.req = new RequestView(request)
  }

  get log(): Log {
    return this.call.log
  }

  get vars(): Vars {
    return this.call.vars
  }

  get signal(): AbortSignal {
    return this.call.signal
  }

  get done(): Promise<void> {
    return this.call.done
  }

  get relay(): Relay {
    const relay = (options: RelayOptions = {}): void => {
      const plan = planRelay(options, {
        request: this.req.message,
        nextHop: this.req.dstUri,
        shift: this.call.transaction.shift,
        inDialog: this.call.transaction.inDialog,
        timerC: this.call.options.timerC,
      })
      const failure = this.call.findFailure(options.onFailure)
      if (!this.run.act('relay', relay)) return
      this.call.arm(failure)
      this.call.transaction.forward(plan)
    }
    return relay
  }

  get reply(): Reply {
    const reply: Reply = (status, reason = '', options = {}) => {
      const { transaction } = this.call
      const response = makeReply(transaction.request, status, reason, transaction.toTag, options)
      if (status >= 200 ? this.run.act(`reply(${status})`, reply) : !transaction.isCanceled)
        transaction.respond(response)
    }
    return reply
  }
}

export class RequestCall extends Context implements RequestContext {
  constructor(call: ContextCall, run: Run) {
    super(call, run, call.request)
  }

  get drop(): Drop {
    const drop = (): void => {
      if (this.run.act('drop', drop)) this.call.transaction.drop()
    }
    return drop
  }
}

export class InDialogCall extends RequestCall implements InDialogContext {}

export class FailureCall extends Context implements FailureContext {
  readonly res: ResponseView
  readonly #branch: Branch
  readonly #route: Route<'failure'>
  /** What `uac.auth()` put into the request. */
  #answers: readonly Answer[] = []

  constructor(call: ContextCall, run: Run, branch: Branch, route: Route<'failure'>) {
    super(call, run, withoutAnswers(branch))
    this.res = new ResponseView(branch.final!, branch.isLocal)
    this.#branch = branch
    this.#route = route
  }

  get canceled(): boolean {
    return this.call.transaction.isCanceled
  }

  get uac(): FailureContext['uac'] {
    const auth = (credentials?: Credentials): boolean => {
      const result = this.canceled ? 'the caller has cancelled' : this.#answer(credentials)
      this.run.note(`uac.auth() → ${typeof result !== 'string'}`, auth)
      if (typeof result !== 'string') return true
      this.call.log.info(`uac.auth: ${result}`)
      return false
    }
    return { auth }
  }

  /** After `uac.auth()` returned true, a relay that names no host is the challenged branch once more. */
  override get relay(): Relay {
    const relay = (options: RelayOptions = {}): void => {
      if (this.#answers.length > 0 && options.to === undefined) return this.#retry(relay, options)
      this.#takeBack()
      super.relay(options)
    }
    return relay
  }

  /** RFC 3261 §22.2: same target, host, Call-ID and tags; new branch, CSeq + 1. Options change what they name. */
  #retry(relay: Relay, options: RelayOptions): void {
    const { plan, flow } = this.#branch
    const failure = options.onFailure === undefined ? this.#route : this.call.findFailure(options.onFailure)
    const timeouts = timeoutsOf(options, plan.timeouts)
    if (!this.run.act('relay', relay)) return
    this.call.arm(failure)
    this.call.transaction.forward([
      [
        {
          ...plan,
          request: this.req.message.clone(),
          recordRoute: options.recordRoute ?? plan.recordRoute,
          timeouts,
          shift: plan.shift + 1,
          answers: this.#answers,
          ...(flow && { flow }),
        },
      ],
    ])
  }

  #answer(given: Credentials | undefined): string | true {
    const { uac } = this.call.options
    const { plan } = this.#branch
    const request = this.req.message
    const vars = this.vars as Record<string, unknown>
    const answers = answerChallenge({
      response: this.res.message,
      method: request.method,
      uri: plan.target.requestUri?.bytes ?? request.requestUri,
      sent: plan.answers,
      find: (realm) => findCredentials(realm, { given, vars, authVars: uac.authVars, configured: uac.credentials }),
    })
    if (typeof answers === 'string') return answers
    this.#takeBack()
    for (const { field } of answers) request.append(field)
    this.#answers = answers
    return true
  }

  /** Credentials are for the host that challenged: they leave with nothing else. */
  #takeBack(): void {
    const fields = new Set(this.#answers.map(({ field }) => field))
    if (fields.size > 0) this.req.message.replace((field) => fields.has(field), [])
    this.#answers = []
  }
}

/** The request of the branch that failed as its route left it. */
function withoutAnswers({ plan }: Branch): Message {
  const request = plan.request.clone()
  const fields = new Set(plan.answers.map(({ field }) => field))
  if (fields.size > 0) request.replace((field) => fields.has(field), [])
  return request
}

function makeReply(
  request: Message,
  status: number,
  reason: string,
  toTag: string,
  { headers = {}, body }: NonNullable<Parameters<Reply>[2]>,
): Message {
  if (!Number.isInteger(status) || status < 100 || status > 699) {
    throw new SignalboxError('BAD_STATUS', `reply(${String(status)}): a status is between 100 and 699`)
  }
  const response = makeResponse(request, status, reason, toTag)
  for (const [name, value] of Object.entries(headers)) {
    for (const each of typeof value === 'string' ? [value] : value) response.append(newField(name, each))
  }
  if (body !== undefined)
    response.body = typeof body === 'string' ? toBytes(body) : Buffer.from(body).toString('latin1')
  return response
}
