/** `onLocal` and `onEvent('uac:reply')`: what is done with a request of our own before it leaves, and when it is answered. */
import type { Drop, LocalContext, Log, Sql, UacReg, UacReplyEvent, UacSend, Vars } from '@signalbox/dsl'
import type { Message } from '../message/message.ts'
import type { OwnReply } from '../uac/own-request.ts'
import { Aside } from './aside.ts'
import type { Generation, Route } from './generation.ts'
import { RequestView, ResponseView } from './message-views.ts'
import type { RuntimeOptions } from './options.ts'
import { Run } from './run.ts'
import { registrations } from './uac-reg.ts'

/** One request of our own, for the handlers that hear of it. */
export interface OwnSend {
  readonly generation: Generation
  readonly options: RuntimeOptions
  readonly vars: Vars
  readonly uac: UacSend
  readonly param: unknown
  /** Resolves when it has its final answer. */
  readonly done: Promise<void>
}

class OwnContext {
  readonly req: RequestView
  protected readonly send: OwnSend
  protected readonly run: Run

  constructor(send: OwnSend, run: Run, request: Message) {
    this.send = send
    this.run = run
    this.req = new RequestView(request)
    run.context = this
  }

  get log(): Log {
    return this.run.call.log
  }

  get vars(): Vars {
    return this.send.vars
  }

  get uac(): UacSend & UacReg {
    const { options, uac } = this.send
    return { send: uac.send, reg: registrations(options.trunks?.(), () => undefined) }
  }

  get sql(): Sql {
    return this.send.options.sql
  }
}

class LocalCall extends OwnContext implements LocalContext {
  readonly #aside: Aside

  constructor(send: OwnSend, run: Run, request: Message, aside: Aside) {
    super(send, run, request)
    this.#aside = aside
  }

  get signal(): AbortSignal {
    return this.#aside.signal
  }

  get done(): Promise<void> {
    return this.send.done
  }

  get drop(): Drop {
    const drop: Drop = () => void this.run.act('drop', drop)
    return drop
  }
}

class ReplyEvent extends OwnContext implements UacReplyEvent {
  readonly res: ResponseView
  readonly type: 'received' | 'local'

  constructor(send: OwnSend, run: Run, { request, response, isLocal }: OwnReply) {
    super(send, run, request.clone())
    this.res = new ResponseView(response, isLocal)
    this.type = isLocal ? 'local' : 'received'
  }

  get param(): unknown {
    return this.send.param
  }

  get code(): number {
    return this.res.status
  }
}

/** One that throws leaves the request as it was, and so does one that is disposed of: what a timer sends does not hold its generation. */
export function runLocal(
  route: Route<'local'>,
  send: OwnSend,
  request: Message,
  leave: (changed: Message | undefined) => void,
): void {
  if (send.generation.state === 'disposed') return leave(request)
  const aside = new Aside(send.generation, send.options, request.callId)
  const run: Run = new Run(aside, route, (dropped, threw) => {
    if (dropped) aside.log.info(`onLocal dropped the ${request.method} to ${request.requestUri}: nothing is sent`)
    leave(dropped ? undefined : threw ? request : context.req.message)
  })
  const context = new LocalCall(send, run, request.clone(), aside)
  run.start(() => route.handler(context))
}

/** It only watches. */
export function runReplyEvent(route: Route<'event'>, send: OwnSend, reply: OwnReply): void {
  if (send.generation.state === 'disposed') return
  const aside = new Aside(send.generation, send.options, reply.request.callId)
  const run = new Run(aside, route, () => undefined)
  run.start(() => route.handler(new ReplyEvent(send, run, reply)))
}
