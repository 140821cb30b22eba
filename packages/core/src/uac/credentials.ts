/** Where `uac.auth()` finds credentials for a realm: its argument alone where there is one, else the transaction's `vars`, then the config. */
import type { Credentials } from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'

export interface AuthVars {
  readonly username: string
  readonly password: string
  readonly realm: string
}

export interface CredentialSources {
  readonly vars: Readonly<Record<string, unknown>>
  readonly authVars: AuthVars
  /** Of the config; the last one of a realm wins. */
  readonly configured: readonly (Credentials & { realm: string })[]
}

/** What a route hands in may come from a database that had none. A user who is `null` there has no answer: that is told where one is asked for. */
export function refuseNoCredentials(given: unknown): void {
  if (typeof given === 'object' && given !== null && (given as Partial<Credentials>).username !== undefined) return
  throw new SignalboxError('BAD_CREDENTIALS', 'credentials are { username, password } or { username, ha1 }')
}

/** Credentials without a realm answer the realm that the host we sent to names. */
export function forRealm(credentials: Credentials, realm: string): Credentials | undefined {
  return credentials.realm === undefined || credentials.realm === realm ? credentials : undefined
}

/** Where a route names none. */
export function findCredentials(realm: string, sources: CredentialSources): Credentials | undefined {
  return fromVars(realm, sources) ?? sources.configured.findLast((each) => each.realm === realm)
}

function fromVars(realm: string, { vars, authVars }: CredentialSources): Credentials | undefined {
  const username = vars[authVars.username]
  const password = vars[authVars.password]
  const wanted = vars[authVars.realm]
  if (typeof username !== 'string' || typeof password !== 'string' || username === '') return undefined
  // Kamailio: an empty realm accepts any.
  return wanted === undefined || wanted === '' || wanted === realm ? { username, password } : undefined
}
