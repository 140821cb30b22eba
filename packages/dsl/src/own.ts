/** What handlers get that no call comes to: for requests of the proxy's own, events, and a generation's beginning and end. Types only. */
import type { CallContext, Drop, Log, UacSend } from './context.ts'
import type { Message, ReadonlyHeaders, Response, Uri } from './message.ts'
import type { TrunkState, UacReg } from './trunks.ts'
import type { Vars } from './register.ts'
import type { Sql } from './sql.ts'

/**
 * `onLocal`: a request that the proxy originates itself, before it leaves. What is changed of `req`, its Request-URI, next hop, headers and body,
 * leaves. It has its Via then, whose address may still change with the next hop.
 */
export interface LocalContext extends CallContext {
  /** Nothing is sent; who asked for the request is answered 480, with `res.local`. */
  readonly drop: Drop
}

/** A request that has been sent. */
export interface SentRequest extends Message {
  readonly method: string
  readonly ruri: Uri
  readonly dstUri: Uri | undefined
  readonly headers: ReadonlyHeaders
}

/** What the handlers of all events share. */
export interface EventContext {
  readonly log: Log
  /** Of the transaction whose route sent the request, if one did. */
  readonly vars: Vars
  readonly uac: UacSend & UacReg
  readonly sql: Sql
}

/** `uac:reply`: a final response to a `uac.send`, the challenge that is answered next included. */
export interface UacReplyEvent extends EventContext {
  /** As it was sent, what `onLocal` changed included. */
  readonly req: SentRequest
  readonly res: Response
  /** What `uac.send` was given as `param`. */
  readonly param: unknown
  /** The status, Kamailio's `evcode`. */
  readonly code: number
  /** Whether the response came from the network or was made here, Kamailio's `evtype` 1 and 2. */
  readonly type: 'received' | 'local'
}

/** `uac:registration`: a trunk has gone from one state to another. */
export interface UacRegistrationEvent extends EventContext {
  /** The trunk's `l_uuid`. */
  readonly uuid: string
  /** The state that it left. */
  readonly from: TrunkState
  readonly to: TrunkState
  /** Why, where something is wrong; `''` otherwise. */
  readonly reason: string
  /** Seconds that the binding lasts still; 0 when nothing is bound. */
  readonly expires: number
}

/** What each event gives its handler. */
export interface Events {
  'uac:registration': UacRegistrationEvent
  'uac:reply': UacReplyEvent
}

/** What `onLoad` and `onDispose` share: a generation's beginning and end. */
export interface LifecycleContext {
  readonly log: Log
  /** May be kept and used later, from a timer for instance: the request goes out through the running proxy. */
  readonly uac: UacSend & UacReg
  readonly sql: Sql
  /** Aborted when the generation is disposed, before `onDispose` runs. */
  readonly signal: AbortSignal
  /** One object per generation: what `onLoad` leaves here `onDispose` finds. */
  readonly data: Record<string, unknown>
}

/** `onLoad`: a generation becomes ready. */
export interface LoadContext extends LifecycleContext {
  /**
   * The `data` of the generation that is live, and goes on using it: the object itself, not a copy. Undefined at the start of the proxy.
   *
   * @example
   * onLoad(({ data, previous }) => {
   *   data.calls = previous?.calls ?? new Map()
   * })
   */
  readonly previous: Record<string, unknown> | undefined
}

/** `onDispose`: nothing runs on a generation any more. */
export interface DisposeContext extends LifecycleContext {
  /**
   * The `data` of the generation that is live now: for what was only known at the end. Undefined when the proxy stops.
   *
   * @example
   * onDispose(({ data, next }) => {
   *   if (next) next.answeredBefore = data.answered
   * })
   */
  readonly next: Record<string, unknown> | undefined
}
