/**
 * What a handler gets. What is legal in a route is what its context type has: `uac.auth` outside a failure route
 * does not compile. Types only: the core brings the objects.
 */
import type { Address, Headers, Request, Response, UriLike } from './message.ts'
import type { NameOf, Vars } from './register.ts'
import type { RouteHandle } from './handle.ts'
import type { Registrar } from './registrar.ts'
import type { Sql } from './sql.ts'
import type { UacReg, UacRegRequest } from './trunks.ts'

/** Writes one line to the proxy's log, with the Call-ID. */
export interface Log {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/**
 * One next hop of `relay`: where to send, or a Request-URI of its own and, if that is not the next hop, where to send. A Request-URI leaves without
 * `method` and header components (RFC 3261 §16.6 step 2).
 */
export type Target = UriLike | { ruri: UriLike; to?: UriLike }

/** What `relay` takes. */
export interface RelayOptions extends ForkOptions {
  /**
   * The next hop, Kamailio's `$du`: the Request-URI stays as the route left it. A list is tried in order, the next one when the
   * one before has failed; a target that stands there already is left out (RFC 3261 §16.5). Without it: what `registrar.lookup()` found, else `req.dstUri`, else the Request-URI.
   */
  to?: Target | readonly Target[]
}

/** What `fork` takes besides its list, and `relay` too. */
export interface ForkOptions {
  /** The failure route that decides when no branch succeeded: its name or what `onFailure` returned. */
  onFailure?: NameOf<'failure'> | RouteHandle<'failure'>
  /** Runs as soon as one branch has failed. */
  onBranchFailure?: NameOf<'branchFailure'> | RouteHandle<'branchFailure'>
  /** Sees each reply from downstream, after the `onReply` without a name. */
  onReply?: NameOf<'reply'> | RouteHandle<'reply'>
  /** Runs before each branch leaves. */
  onBranch?: NameOf<'branch'> | RouteHandle<'branch'>
  /**
   * Answers a 401 or 407 with these credentials, on the branch that got it and at once, before any failure route hears of it; in later
   * requests of the dialog too. `true`: what `uac.auth()` without an argument takes. What cannot be answered, or is rejected, goes on as
   * the branch's failure.
   *
   * @example
   * relay({ to: 'sip:gw.example', auth: { username: 'u', password: 'p' } })
   */
  auth?: Credentials | true
  /**
   * Keeps the dialog that this request forms on the routes it began with: later requests within it run on this generation, whatever was loaded
   * since, until its BYE, or until nothing was heard of it for twelve hours. Without it they run on the live routes. On the wire nothing
   * changes; a restart of the proxy forgets it, and so does a proxy that has more than `limits.dialogs` of them.
   *
   * @example
   * relay({ to: 'sip:gw.example', pin: 'dialog' })
   */
  pin?: 'dialog'
  /** Whether our Record-Route goes in. Default: true for a request that can form a dialog. */
  recordRoute?: boolean
  /** Milliseconds, or a string such as `'5s'`. */
  timeouts?: {
    /** Nothing at all from a branch: default 64 × T1, 32 s. */
    provisional?: number | string
    /** Ringing without a final answer, RFC 3261's timer C: default 180 s. */
    final?: number | string
  }
}

/**
 * Sends the request on (RFC 3261 §16.6). It leaves as it stands at this moment.
 *
 * @example
 * relay({ to: 'sip:gw.example:5060', onFailure: 'TRUNKAUTH' })
 *
 * Final: a second action of the same run does nothing and is logged.
 */
export type Relay = (options?: RelayOptions) => void

/**
 * Sends the request to all of them at once (RFC 3261 §16.6). The first 2xx wins and the others are cancelled, with a Reason (RFC 3326) by
 * which their phones know that nobody missed the call.
 *
 * @example
 * fork(['sip:desk@192.0.2.7', 'sip:mobile@192.0.2.8'], { onFailure: 'VOICEMAIL' })
 *
 * Each entry is a next hop as in `relay({ to })`, tried once though it stands there twice (RFC 3261 §16.5). Final, like `relay`. RFC 5393: a Max-Breadth that does not suffice answers 440.
 */
export type Fork = (targets: readonly Target[], options?: ForkOptions) => void

/**
 * Sends the caller elsewhere: 302 with these Contacts (RFC 3261 §21.3.3).
 *
 * @example
 * redirect(['sip:bob@elsewhere.example'])
 */
export type Redirect = (contacts: readonly UriLike[]) => void

/**
 * Answers the request here (RFC 3261 §8.2.6). A 1xx is not final: the route may go on to relay.
 *
 * @example
 * reply(403, 'No trunk', { headers: { 'X-Why': 'unknown caller' } })
 */
export type Reply = (
  status: number,
  reason?: string,
  options?: { headers?: Record<string, string | readonly string[]>; body?: string | Uint8Array },
) => void

/** Ends the transaction without an answer. */
export type Drop = () => void

/**
 * Credentials of a digest answer: a password, or its `ha1`. With a `realm` they answer only it; without one, whatever realm the host we sent
 * to names.
 *
 * @example
 * uac.auth({ username: 'alice', password: 'secret' })
 * uac.auth({ username: 'alice', realm: 'carrier.example', ha1: '30969131580e626606ce70ceaab77719' })
 *
 * On the wire: a password serves every algorithm a carrier may ask for, an `ha1` only its own; the topmost challenge that can be
 * served is answered (RFC 8760 §2.4). `uac.auth` returns false when an `ha1` is not as long as its algorithm's hash, or not hex. What is no
 * object, or has no `username`, is refused where it is given, with `BAD_CREDENTIALS`.
 */
export type Credentials = {
  username: string
  realm?: string
} & ({ password: string; ha1?: never } | { password?: never; ha1: Ha1 })

/**
 * The hash of `username:realm:password` in hex (RFC 7616 §3.4.2). A bare string tells its algorithm by its length: 32 digits are MD5, 64 are
 * SHA-256.
 */
export type Ha1 =
  string | { MD5?: string | undefined; 'SHA-256'?: string | undefined; 'SHA-512-256'?: string | undefined }

/** What all contexts share. It stays readable after its transaction has ended. */
export interface CallContext {
  /** The request, as the route may change it. */
  readonly req: Request
  readonly log: Log
  /** One object per transaction, shared by its routes. */
  readonly vars: Vars
  /** Asks the database: `` sql`select … where a = ${b}` ``, parameters always bound. */
  readonly sql: Sql
  /** Aborted when the caller cancels. */
  readonly signal: AbortSignal
  /** Resolves when the transaction has its final answer. */
  readonly done: Promise<void>
  readonly uac: UacSend & UacReg
}

/** `onRequest`: a request outside a dialog. Ending without an action answers 500. */
export interface RequestContext extends CallContext {
  readonly relay: Relay
  readonly fork: Fork
  readonly reply: Reply
  readonly redirect: Redirect
  readonly drop: Drop
  readonly registrar: Registrar
  readonly uac: UacReplace & UacSend & UacRegRequest
}

/** `onInDialog`: a request within a dialog, except ACK. Ending without an action means it only watched. */
export interface InDialogContext extends RequestContext {
  readonly uac: UacRestore & UacSend & UacRegRequest
}

/** `onBranch`: one branch, before it leaves. `req` is its own copy, with its Request-URI and next hop: what is changed leaves on this branch alone. */
export interface BranchContext extends CallContext {
  /** This branch does not leave; it counts as answered 480. */
  readonly drop: Drop
  readonly uac: UacReplace & UacSend & UacRegRequest
}

/** `onReply`: a reply from downstream, before it goes upstream; never 100. */
export interface ReplyContext extends CallContext {
  /** Its headers can be changed; Via, CSeq and the like belong to the core. */
  readonly res: Response & { readonly headers: Headers }
  /** Keeps a provisional reply from the caller. A final or a reliable one (RFC 3262) goes on all the same, with a warning. */
  readonly drop: Drop
}

/** `onBranchFailure`: one branch has failed; others may go on. Ending without an action lets its answer count. */
export interface BranchFailureContext extends CallContext {
  /** What the branch was answered. */
  readonly res: Response
  /** After `uac.auth()` returned true, this branch once more; else this branch as it was, or the one target that the options name. */
  readonly relay: Relay
  readonly uac: UacAuth & UacSend & UacReg
}

/**
 * `onFailure`: every branch has failed. Ending without an action sends the received answer upstream. It runs after a CANCEL too, with
 * `canceled` true: the caller has had his 487 then, and actions do nothing.
 */
export interface FailureContext extends CallContext {
  /** The best answer. A timeout is a 408 made here, with `res.local`. */
  readonly res: Response
  /** Every branch's answer, the best one among them, in the order of the branches. */
  readonly responses: readonly Response[]
  /** Whether the caller has cancelled, at the moment it is read. */
  readonly canceled: boolean
  readonly relay: Relay
  readonly fork: Fork
  readonly reply: Reply
  readonly redirect: Redirect
  readonly uac: UacAuth & UacReplace & UacSend & UacRegRequest
}

/** Where a carrier's challenge can be answered. */
export interface UacAuth {
  /**
   * Puts an answer to the carrier's 401 or 407 into the request (RFC 3261 §22.2, RFC 7616).
   *
   * @example
   * if (uac.auth({ username: 'u', password: 'p' })) relay()
   *
   * On the wire: `relay()` then sends the request once more to the host that challenged, with a new branch, CSeq + 1 and
   * `Authorization` or `Proxy-Authorization`. The rest of the dialog is renumbered, and the caller sees none of it.
   *
   * Every realm of the response for which there are credentials is answered, each in the header of its kind (RFC 3261 §22.3):
   * MD5, SHA-256 or SHA-512-256, also `-sess`, without qop, with `auth` or `auth-int` (RFC 7616, RFC 8760).
   *
   * Returns false, with the reason in the log, when no answer can be given: no credentials for that realm, no algorithm in
   * common, an `ha1` that is none, these credentials were just rejected, the caller has cancelled, or the request has the highest CSeq there
   * is (RFC 3261 §8.1.1.5). Without an argument: the trunk chosen by `uac.reg.requestTo`, then `vars` under `uac.authVars`, then
   * `uac.credentials` of the config, by realm (the last one wins).
   */
  auth(credentials?: Credentials): boolean
}

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
 * `auth` challenges are answered, each realm once (a stale nonce once more): same Call-ID, From tag and socket, CSeq + 1, a new branch. A 2xx to an INVITE is acknowledged
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

/** A display name, a URI, or both. */
export interface Identity {
  /** Unicode, without quotes: they are written where the name needs them. `''` removes the name that stands there. */
  display?: string
  /** At most 1024 bytes. `''` leaves the one that stands there. */
  uri?: UriLike
}

/** Where From and To can be replaced. `req.from` and `req.to` stay what was received. */
export interface UacReplace {
  /**
   * Replaces display name and URI of From in what leaves (Kamailio's `uac_replace_from`).
   *
   * @example
   * uac.replaceFrom({ display: 'Anonymous', uri: 'sip:anonymous@anonymous.invalid' })
   *
   * On the wire: what is relayed from here on says so, the retry after `uac.auth()` and a CANCEL too; the tag stays. In a branch route only that
   * branch does. Replies go back with the caller's own From, and in the dialog's later requests both sides read what they know, as
   * `uac.restoreMode` says: our Record-Route carries the replaced values, sealed; the original goes only where the caller is. A string or a `Uri` is the URI alone. A later call wins for
   * what it names.
   *
   * Throws `SignalboxError`, and changes nothing: `BAD_URI` for what is no URI or is longer than 1024 bytes, `BAD_HEADER` for a display name
   * that would break the header, `DIALOG_IDENTITY` for a URI within a dialog in mode `auto` (RFC 3261 §12.2.1.1).
   */
  replaceFrom(identity: Identity | UriLike): void
  /**
   * Replaces display name and URI of To, as `replaceFrom` does those of From.
   *
   * @example
   * uac.replaceTo('sip:+4930123@carrier.example')
   *
   * On the wire: the callee is not told what the caller had called. From the caller it hides nothing: his later requests say the new one, and he may
   * address them to a socket of his own (RFC 3261 §12.2.1.1).
   */
  replaceTo(identity: Identity | UriLike): void
}

/** Within a dialog. */
export interface UacRestore extends UacReplace {
  /**
   * Restores the header whose From was replaced when the dialog began: From of the caller's requests, To of the callee's.
   *
   * @example
   * onInDialog(({ uac }) => void uac.restoreFrom())
   *
   * For `uac.restoreMode: 'manual'`; mode `auto` has done it already, and this says whether it has. Returns false when nothing was replaced
   * or our Route does not say what by any more (RFC 3261 §16.12).
   */
  restoreFrom(): boolean
  /**
   * The same for a replaced To: To of the caller's requests, From of the callee's.
   *
   * @example
   * onInDialog(({ uac }) => void uac.restoreTo())
   */
  restoreTo(): boolean
}
