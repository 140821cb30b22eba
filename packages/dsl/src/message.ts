/**
 * The messages as a route sees them. Types only: the core brings the objects.
 * Strings are Unicode; on the wire they are UTF-8.
 */

/** A string that is a URI, or a `Uri`. */
export type UriLike = Uri | string

/** What `Uri.with` can change. `undefined` leaves a part as it is; `''` (or `null` for the port) removes it. */
export interface UriParts {
  scheme?: string
  user?: string
  password?: string
  host?: string
  port?: number | null
  /** URI parameters to set; `null` removes one, `''` sets one without a value (`;lr`). */
  params?: Record<string, string | null>
}

/**
 * A SIP, SIPS or tel URI, immutable (RFC 3261 §19.1, RFC 3966).
 *
 * @example
 * req.ruri = req.ruri.with({ user: '0049' + req.ruri.user.slice(1) })
 */
export interface Uri {
  /** `sip`, `sips`, `tel` or whatever stood there, in lower case. */
  readonly scheme: string
  /** The user part without escapes, `''` when absent; the number of a `tel:` URI. */
  readonly user: string
  readonly password: string
  /** The host in lower case; an IPv6 address keeps its brackets. `''` for `tel:`. */
  readonly host: string
  /** `undefined` when none is written. */
  readonly port: number | undefined
  /** The value of a URI parameter, `''` for one without a value, `undefined` when it is absent. */
  param(name: string): string | undefined
  /** A new URI with these parts changed. Throws `SignalboxError` when the result would not be a URI. */
  with(parts: UriParts): Uri
  /** RFC 3261 §19.1.4: whether both name the same resource. */
  equals(other: UriLike): boolean
  toString(): string
}

/** A name-addr or addr-spec with its header parameters (From, To, Contact …), immutable. */
export interface Address {
  /** The display name without quotes, `''` when absent. */
  readonly display: string
  readonly uri: Uri
  /** The `tag` parameter, `''` when absent. */
  readonly tag: string
  param(name: string): string | undefined
  toString(): string
}

/** The topmost Via of a message (RFC 3261 §20.42). */
export interface Via {
  readonly transport: string
  readonly host: string
  readonly port: number | undefined
  readonly branch: string
}

/** RFC 3261 §20.16. */
export interface CSeq {
  readonly number: number
  readonly method: string
}

/** Header fields, read only. Names are matched without regard to case; compact forms count. */
export interface ReadonlyHeaders {
  /** The first value, or `undefined`. */
  get(name: string): string | undefined
  /** Every value in order; a comma-separated list is split where RFC 3261 §7.3.1 allows it. */
  getAll(name: string): string[]
  has(name: string): boolean
}

/**
 * Header fields that can be changed. What is written is read back at once and leaves with the next relay or reply.
 * A name or value that would break the message is refused with `SignalboxError`, the message unchanged.
 * Via, From, To, Call-ID, CSeq, Max-Forwards, Route, Record-Route and Content-Length belong to the core.
 */
export interface Headers extends ReadonlyHeaders {
  /** Replaces every value of this name by these, where the first one stood. */
  set(name: string, value: string | readonly string[]): void
  /** Adds one header field below those that are there. */
  add(name: string, value: string): void
  delete(name: string): boolean
}

/** Where a message came from. */
export interface Source {
  readonly address: string
  readonly port: number
  /** `udp` so far. */
  readonly transport: string
}

/** What every message has. */
export interface Message {
  readonly from: Address
  readonly to: Address
  readonly callId: string
  readonly cseq: CSeq
  readonly via: Via
  readonly contact: Address | undefined
  /** The body as text, `''` when there is none. */
  readonly body: string
  readonly bodyBytes: Uint8Array
  readonly source: Source
}

/** A request as the routes of its transaction may change it. */
export interface Request extends Message {
  readonly method: string
  /** The Request-URI. A string is taken too. A `method` parameter and header components, as a Contact may have them, are left out (RFC 3261 §19.1.1). */
  get ruri(): Uri
  set ruri(uri: UriLike)
  /** The next hop, Kamailio's `$du`: where `relay()` sends to while the Request-URI stays as it is. */
  get dstUri(): Uri | undefined
  set dstUri(uri: UriLike | undefined)
  readonly headers: Headers
  /** Setting it sets Content-Length too; Content-Type is yours. */
  get body(): string
  set body(text: string)
}

/** A response as a failure route sees it. */
export interface Response extends Message {
  readonly status: number
  readonly reason: string
  readonly headers: ReadonlyHeaders
  /** True for a 408 or 503 made here because nobody answered. */
  readonly local: boolean
  /** Every Contact, highest q first: what a 3xx offers. The core follows none by itself. */
  readonly contacts: readonly Address[]
}
