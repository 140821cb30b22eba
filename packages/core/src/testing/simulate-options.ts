/** What a simulation, or the same scenario on real sockets, is given. */
import type { Credentials, Duration, RegistrationConfig, UacConfig } from '@signalbox/dsl'
import type { Bundle } from '../build/bundle.ts'
import { parseDuration } from '../config/duration.ts'
import type { Limits } from '../limits.ts'
import type { StackOptions } from '../stack.ts'
import type { RegistrationSettings } from '../trunks/trunks.ts'
import type { DatabaseStub } from './database-stub.ts'

/** Of the proxy: keys of the config under their own names. */
export interface ProxyUnderTest {
  /** The route file, relative to the working directory. Default: what the project's config says. */
  routes?: string
  /** A bundle that is built already, instead of `routes`. */
  bundle?: Bundle
  /** Where the proxy listens. Default `127.0.0.1:5080`. */
  listen?: string
  /** `uac.credentials` of the config. */
  credentials?: readonly (Credentials & { realm: string })[]
  /** `uac.registration` of the config. With it the rows of `uacreg` are kept registered; without it nobody looks at them. */
  registration?: RegistrationConfig
  /** Other keys of the config's `uac`. */
  uac?: SimulatedUac
  /** `timers` of the config, in milliseconds: T1 and Timer C. The proxy's alone: phones and carriers keep the RFC's. */
  timers?: { t1?: number; c?: number }
  /** `limits` of the config. */
  limits?: Partial<Limits>
  /** `registrar` of the config, in seconds. */
  registrar?: SimulatedRegistrar
  /** `aliases` of the config. */
  aliases?: readonly string[]
}

/** What `simulate` takes. */
export interface SimulateOptions extends ProxyUnderTest {
  /**
   * `database` of the config, or a stub: rows, or a function from a statement to rows. Default `sqlite::memory:`, which is made when it is first
   * asked, and empty.
   */
  database?: string | DatabaseStub
  /** `handlers.deadline` of the config. Default `'30s'`. */
  deadline?: number | string
  /** Milliseconds for which a handler that awaits something of the real world is waited for before virtual time goes on. Default 200. */
  patience?: number
  /** Whatever is left to chance (tags, branches, Call-IDs, nonces, bad lines) comes from it: the same seed, the same transcript. Default 1. */
  seed?: number
}

/** Keys of the config's `uac`. */
export type SimulatedUac = Pick<
  UacConfig,
  'restoreMode' | 'restorePassword' | 'restoreFormat' | 'rrFromParam' | 'rrToParam' | 'restoreVars'
>

/** The config's `registrar`. */
export type SimulatedRegistrar = NonNullable<StackOptions['registrar']>

/** One line of the log. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly callId: string | undefined
}

/** As the config's schema has them. */
export function registrationSettings(config: RegistrationConfig): RegistrationSettings {
  const seconds = (value: Duration): number => (typeof value === 'number' ? value : parseDuration(value) / 1_000)
  const { contact, interval = 90, retryInterval = 30, rate = 50, unregisterOnStop = false } = config
  return { contact, interval: seconds(interval), retryInterval: seconds(retryInterval), rate, unregisterOnStop }
}
