/** Requests that the proxy originates itself, and what hears of them. Types only: the core brings the objects. */
import type { CallContext, Credentials, Drop, Log } from './context.ts'
import type { Address, Message, ReadonlyHeaders, Response, Uri, UriLike } from './message.ts'
import type { Vars } from './register.ts'

/**
 * Who a request is from or to: a URI, a whole name-addr such as `"Al" <sip:al@x>`, or its parts. An `Address` that a message had is taken
 * without its tag: only `tag` makes the request one of a dialog.
 */
export type Party = UriLike | Address | { display?: string; uri: UriLike; tag?: string }

/** What a request of our own is made of. */
export interface SendOptions {
  method: string
  /** The Request-URI. */
  ruri: UriLike
  /** The From header. Default: the Request-URI. Without a tag it gets a fresh one. */
  from?: Party
  /** The To header. Default: the Request-URI. */
  to?: Party
  /** The next hop, Kamailio's `ouri`: the Request-URI stays as it is. Default: the first Route, else the Request-URI. */
  via?: UriLike
  /**
   * Header fields. `Contact`, `Max-Forwards` (default 70) and `Route` may be given; Via, From, To, Call-ID, CSeq, Record-Route and
   * Content-Length are the core's or have options of their own.
   */
  headers?: Record<string, string | readonly string[]>
  /** Content-Length follows; Content-Type is yours. */
  body?: string | Uint8Array
  /** Answers a 401 or 407 with these credentials. With a `realm` only that one. */
  auth?: Credentials
  /**
   * How long the final answer is waited for, the repeat with credentials included: milliseconds, or a string such as `'5s'`. Default: 64 × T1
   * (32 s), for an INVITE timer C (180 s).
   */
  timeout?: number | string
  /** Default: one of our own making. */
  callId?: string
  /** The CSeq number. Default 1 (Kamailio: 10). */
  cseq?: number
  /** Which of our sockets sends it: `udp:HOST:PORT` as in `listen`. Default: the first that reaches the next hop. */
  socket?: string
  /** Handed to `onEvent('uac:reply')` as it is, Kamailio's `evparam`. */
  param?: unknown
}

/**
 * Sends a request of the proxy's own (RFC 3261 §8.1) and resolves with its final response.
 *
 * @example
 * const res = await uac.send({ method: 'OPTIONS', ruri: 'sip:gw.example', timeout: '2s' })
 * if (res.status !== 200) log.warn(`gw.example: ${res.status} ${res.reason}`)
 *
 * On the wire: long header names, `Max-Forwards: 70`, a Call-ID, From tag and CSeq of its own, a Contact where the method can form a dialog. With
 * `auth` a challenge is answered once: same Call-ID, From tag and socket, CSeq + 1, a new branch. A 2xx to an INVITE is acknowledged
 * (§13.2.2.4); ending that call is yours, by a BYE with its `callId`, tags and `cseq`, to `res.contact`, along its Record-Route. An INVITE that times
 * out is cancelled, and a 2xx that comes all the same is acknowledged and ended with BYE.
 *
 * Never rejects for what the network did: no answer is a 408, a next hop that cannot be reached a 503, what `onLocal` dropped a 480, more than
 * `limits.ownRequests` at a time a 503, each made here with `res.local`. Rejects with `SignalboxError` for options that make no request:
 * `BAD_URI`, `BAD_HEADER`, `CORE_HEADER`, `BAD_REQUEST`, `BAD_TARGET`, `BAD_DURATION`, `NO_SOCKET`; nothing is sent then.
 */
export type Send = (options: SendOptions) => Promise<Response>

/** Requests of the proxy's own. Every context has it. */
export interface UacSend {
  readonly send: Send
}

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
  readonly uac: UacSend
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

/** What each event gives its handler. */
export interface Events {
  'uac:reply': UacReplyEvent
}

/** `onLoad` and `onDispose`: a generation's beginning and end. */
export interface LifecycleContext {
  readonly log: Log
  /** May be kept and used later, from a timer for instance: the request goes out through the running proxy. */
  readonly uac: UacSend
  /** Aborted when the generation is disposed, before `onDispose` runs. */
  readonly signal: AbortSignal
  /** One object per generation: what `onLoad` leaves here `onDispose` finds. */
  readonly data: Record<string, unknown>
}
