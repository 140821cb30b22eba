/** The config file's shape. The core checks it at run time; this is for the editor. */
import type { Credentials } from './context.ts'

/** Milliseconds, or a string such as `'90s'`. */
export type Duration = number | string

/**
 * `udp:host:port`, or the same with an address to write into Via and Record-Route instead.
 * `cert` and `key` are files in PEM format, for tls and wss.
 */
export type Listen = string | { at: string; advertise?: string; cert?: string; key?: string }

/** How trunks are kept registered at their carriers. Numbers are seconds. */
export interface RegistrationConfig {
  /** What goes into Contact, where its row names nothing: `host` or `host:port`. Default: the socket that routes to the carrier. */
  contact?: string
  /** How often the table is looked at for changes; 0: only by `uac.reg_reload`. Default 90. */
  interval?: Duration
  /** How long to wait after a failure; doubled with each, up to 10 minutes. 0: a failure disables the trunk. Default 30. */
  retryInterval?: Duration
  /** REGISTERs started per second. Default 50. */
  rate?: number
  /** Whether stopping withdraws the registrations. Default false. */
  unregisterOnStop?: boolean
}

/** The proxy as a client: credentials, replaced identities and registrations. */
export interface UacConfig {
  /** Tried by realm when `uac.auth()` is called without an argument; the last one of a realm wins. A `password` or an `ha1`. */
  credentials?: readonly (Credentials & { realm: string })[]
  /** The names in `vars` that hold credentials: Kamailio's `auth_*_avp`. Default `auser`, `apass`, `arealm`. */
  authVars?: { username?: string; password?: string; realm?: string }
  /** Whether a replaced From or To is put back in the dialog's later messages. Default `'auto'`. */
  restoreMode?: 'none' | 'manual' | 'auto'
  /** What the key is made of that hides the replaced URI; a list rotates. Default: a random key, kept in `.signalbox/secret`. */
  restorePassword?: string | readonly string[]
  /**
   * How the replaced URIs are written: sealed, or as Kamailio's `uac` does, which hides nothing and keeps no display name, for a Kamailio that
   * shares the dialogs (its key is the first `restorePassword`). Both are read. Default `'sealed'`.
   */
  restoreFormat?: 'sealed' | 'kamailio'
  /** The Record-Route parameter that carries the replaced From. Default `'vsf'`. */
  rrFromParam?: string
  /** The Record-Route parameter that carries the replaced To. Default `'vst'`. */
  rrToParam?: string
  /**
   * The names in `vars` that hold the original From and To, as text without their parameters: Kamailio's `restore_*_avp`. Replies are restored
   * from there.
   */
  restoreVars?: { from?: string; to?: string }
  registration?: RegistrationConfig
}

/** How much the network may ask of the proxy. What exceeds a limit is answered or dropped, and counted. */
export interface LimitsConfig {
  /** Bytes of a message; more is answered 513. Default 65535. */
  messageSize?: number
  /** Header fields of a message; more is answered 400. Default 256. */
  headers?: number
  /** Bytes of one header field; more is answered 400. Default 8192. */
  headerLength?: number
  /** Bytes of a Request-URI; more is answered 414. Default 4096. */
  uriLength?: number
  /** Via values; more is answered 400. Default 70. */
  vias?: number
  /** Route values; more is answered 400. Default 70. */
  routes?: number
  /** Targets of one relay or fork; more is refused where it is called. Default 64. */
  branches?: number
  /**
   * Server transactions at a time; beyond, new requests are answered 503. One that is answered stays for 32 s (RFC 3261 §17.2) and takes about
   * 0.8 kB of memory. Default 1000000.
   */
  transactions?: number
  /**
   * Of these, such as owe their final answer; beyond, new requests are answered 503. A call that is being set up takes 7 kB of memory and more: where
   * there is less, and the network is not trusted, set it lower. Default 200000.
   */
  unanswered?: number
  /** Requests of `uac.send` at a time that await their final answer; beyond, a 503 made here. Default 100000. */
  ownRequests?: number
  /** Server transactions at a time from one address; beyond, 503. Default 500000. */
  perSource?: number
  /**
   * Dialogs of which answered challenges are remembered, and as many calls that routes answered themselves; beyond, those used longest ago are
   * forgotten. Default 100000.
   */
  dialogs?: number
  /** Contacts that are registered here; beyond, a REGISTER of a new one is answered 503. Default 100000. */
  bindings?: number
}

/** What `registrar.save()` allows. Numbers are seconds. */
export interface RegistrarConfig {
  /** How long a contact stays that asks for no time. Default 3600. */
  defaultExpires?: Duration
  /** Who asks for less is answered 423. Default 60. */
  minExpires?: Duration
  /** Who asks for more gets this. Default 7200. */
  maxExpires?: Duration
  /** Contacts of one address-of-record; beyond, 403. Default 10. */
  maxContacts?: number
  /**
   * Whether users of two domains are two users; the proxy's own IP addresses count as one domain. False: the user part alone says who it is,
   * as in Kamailio with `use_domain` 0. Default true.
   */
  useDomain?: boolean
}

/** What `signalbox.config.ts` exports by `defineConfig`: every key is optional. */
export interface Config {
  /** The route file. Default `./routes/main.ts`. */
  routes?: string
  /** Default `['udp:0.0.0.0:5060']`. With 0.0.0.0 the address of the route to each peer goes into Via and Record-Route. */
  listen?: readonly Listen[]
  /** Host names that are ours in Request-URI and Route. */
  aliases?: readonly string[]
  /** `sqlite:FILE` or `mysql://user:pass@host:3306/name`, with Kamailio's own schema. SQLite computes on the thread of the calls: long queries are for MySQL. Default `sqlite:./signalbox.db`. */
  database?: string
  /** Default `{ listen: '127.0.0.1:8060' }`. A token is required off loopback. */
  admin?: { listen?: string; token?: string }
  /** RFC 3261's T1 (500 ms) and timer C (180 s). */
  timers?: { t1?: Duration; c?: Duration }
  /** How long SIGTERM waits for transactions that have no final answer yet. Default 20 s. */
  drain?: { timeout?: Duration }
  /** How long a handler may await (30 s), and compute without a pause (200 ms). */
  handlers?: { deadline?: Duration; cpu?: Duration }
  limits?: LimitsConfig
  registrar?: RegistrarConfig
  log?: { level?: 'debug' | 'info' | 'warn' | 'error'; format?: 'auto' | 'json' | 'text' }
  /**
   * Processes that serve on the same sockets, each with routes of its own; a call stays in one of them. Default 1, at most 256.
   *
   * @example
   * workers: 4
   *
   * On the wire, branches of ours say which worker sent the request (RFC 3261 §16.6 step 8). What `onLoad` sets up is there once in each worker, and
   * `limits` hold for each. A change takes effect at the next start. `SIGNALBOX_WORKERS` wins over it. Refused with `CONFIG` where processes cannot share sockets.
   */
  workers?: number
  uac?: UacConfig
}

/**
 * Types the config file.
 *
 * @example
 * export default defineConfig({ listen: ['udp:127.0.0.1:5060'] })
 */
export function defineConfig(config: Config): Config {
  return config
}
