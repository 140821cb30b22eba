/** `uac.reg`: trunks, the rows of `uacreg` that are kept registered, as routes see and use them. Types only: the core brings the objects. */
import type { Source, Uri, UriLike } from './message.ts'

/**
 * A trunk's state. `registered` and `refreshing`: calls can come. `failed` waits to try again, `disabled` for somebody. `idle` has not begun, or is
 * not to be registered.
 */
export type TrunkState = 'idle' | 'registering' | 'registered' | 'refreshing' | 'failed' | 'disabled' | 'unregistering'

/** An account at a remote registrar, as it stands now. */
export interface Trunk {
  /** `l_uuid`. */
  readonly uuid: string
  /** `sip:l_username@l_domain`: whom its calls are for. */
  readonly localUri: Uri
  /** `sip:r_username@r_domain`: what is registered. */
  readonly remoteUri: Uri
  /** `auth_proxy`: where its requests are sent. */
  readonly proxyUri: Uri
  /** The realm that its credentials are for; `''`: any. */
  readonly realm: string
  readonly state: TrunkState
  /** Whether its registrar has a binding of ours, also while it is refreshed. */
  readonly isRegistered: boolean
  /** Why it is not as it should be, in words; `''` when it is. */
  readonly reason: string
}

/** What `uac.reg.lookup` takes besides the user. */
export interface LookupOptions {
  /** Where the request came from: `req.source`. The trunk is found only when that is the address that answers our REGISTERs. */
  from?: Source
}

/** What `uac.reg.requestTo` takes besides the user. */
export interface RequestToOptions {
  /** Whether `user` is the trunk's `l_uuid` or its `l_username`. */
  by: 'uuid' | 'username'
  /** The Request-URI becomes the account, `sip:r_username@r_domain`, as Kamailio makes it, and not the dialled number. */
  account?: boolean
}

/** Trunks, to be looked up. */
export interface Registrations {
  /**
   * The trunk that a call from its carrier is for, by the user of the Request-URI (Kamailio's `uac_reg_lookup`).
   *
   * @example
   * const trunk = uac.reg.lookup(req.ruri.user)
   * if (trunk) req.ruri = trunk.localUri
   *
   * It is found by its `l_uuid`; and, while the Request-URI has this user, by what our Contact carried: the parameter `line`, which a row with
   * `contact_user` gives it, or our own one. With `{ from: req.source }` only when the request came from the address that answers for its registrar.
   */
  lookup(user: string, options?: LookupOptions): Trunk | undefined
  /**
   * The trunk of a local user: by the user of the URI, and by its host where several have that user (Kamailio's `uac_reg_lookup_uri`). Throws
   * `BAD_URI`.
   *
   * @example
   * const trunk = uac.reg.lookupUri(req.from.uri)
   */
  lookupUri(uri: UriLike): Trunk | undefined
  /**
   * A trunk's state, `undefined` when there is no such trunk (Kamailio's `uac_reg_status`).
   *
   * @example
   * if (uac.reg.status('office') === 'failed') log.warn('calls through the office trunk will fail')
   */
  status(uuid: string): TrunkState | undefined
}

/** Every context has it. */
export interface UacReg {
  readonly reg: Registrations
}

/** Where a request can be sent out through a trunk. */
export interface UacRegRequest extends UacReg {
  readonly reg: RegistrationRequests
}

/** Trunks, to be looked up and to send a request out through. */
export interface RegistrationRequests extends Registrations {
  /**
   * Sends the request out through a trunk (Kamailio's `uac_reg_request_to`): false when there is none, or its row cannot be used, and nothing is changed
   * then.
   *
   * @example
   * if (uac.reg.requestTo(req.from.uri.user, { by: 'uuid' })) relay({ auth: true })
   *
   * On the wire: the Request-URI is `sip:DIALLED@r_domain`, the next hop `auth_proxy`. `uac.auth()` without an argument and `relay({ auth: true })` answer
   * with the trunk's credentials before any others, in the dialog's later requests too. Whether it is registered is not looked at: `status` says so.
   */
  requestTo(user: string, options: RequestToOptions): boolean
}
