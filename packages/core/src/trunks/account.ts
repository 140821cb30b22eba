/** What a usable row comes to: where its REGISTERs go, what they say, and what answers a challenge to them. */
import { createHash } from 'node:crypto'
import type { Credentials } from '@signalbox/dsl'
import { breaksLine, isUserPart, toBytes } from '../message/chars.ts'
import { Uri } from '../message/uri.ts'
import type { LocalSocket } from '../transport/flow.ts'
import type { TrunkRow } from './columns.ts'
import { withoutPassword } from './mask.ts'

export interface AccountOptions {
  /** `uac.registration.contact` of the config. */
  readonly contact?: string | undefined
}

/** The URI parameter by which our binding is found again, whatever a registrar does to user and host. */
export const COOKIE = 'sb'

export class Account {
  readonly row: TrunkRow
  /** `sip:r_domain`. */
  readonly registrar: Uri
  /** The address of record, `sip:r_username@r_domain`. */
  readonly remote: Uri
  /** `sip:l_username@l_domain`. */
  readonly local: Uri
  /** The next hop. */
  readonly proxy: Uri
  readonly socket: LocalSocket | undefined
  readonly credentials: Credentials
  /** The same after each start, so that a registrar replaces the binding instead of adding one. */
  readonly cookie: string
  /** `host[:port][;params]` of the Contact; undefined: of the socket that routes to the registrar. */
  readonly contactAddress: string | undefined

  private constructor(
    row: TrunkRow,
    uris: Pick<Account, 'registrar' | 'remote' | 'local' | 'proxy'>,
    options: AccountOptions,
    socket: LocalSocket | undefined,
  ) {
    this.row = row
    this.registrar = uris.registrar
    this.remote = uris.remote
    this.local = uris.local
    this.proxy = uris.proxy
    this.socket = socket
    this.contactAddress = row.contact_addr || options.contact
    this.credentials = credentialsOf(row)
    this.cookie = cookieOf(row)
  }

  /** What is wrong, where a URI cannot be made. */
  static of(row: TrunkRow, options: AccountOptions, socket: LocalSocket | undefined): Account | string {
    const registrar = sip('', row.r_domain)
    if (registrar === undefined) return `r_domain is no host: ${shown(row.r_domain)}`
    const remote = sip(row.r_username, row.r_domain)
    if (remote === undefined) return `r_username makes no SIP URI: ${shown(row.r_username)}`
    const local = sip(row.l_username, row.l_domain)
    if (local === undefined)
      return `l_username and l_domain make no SIP URI: ${withoutPassword(`${row.l_username}@${row.l_domain}`)}`
    const proxy = Uri.parse(toBytes(row.auth_proxy))
    if (proxy === undefined || proxy.host === '' || !/^sips?$/.test(proxy.scheme) || proxy.headers !== '') {
      return `auth_proxy is no SIP URI: ${shown(row.auth_proxy)} (expected sip:HOST or sip:HOST:PORT)`
    }
    if (breaksLine(row.auth_username)) return 'auth_username has a line break'
    const account = new Account(row, { registrar, remote, local, proxy }, options, socket)
    const contact = account.contact('127.0.0.1:5060')
    if (contact !== undefined) return account
    return `contact_addr or contact_user make no Contact: ${shown(row.contact_addr)}, ${shown(row.contact_user)}`
  }

  /** What is bound, as bytes: undefined when it would be no URI. `home` is the address of ours towards the registrar. */
  contact(home: string): string | undefined {
    const { l_uuid: uuid, contact_user: user } = this.row
    const base = sip(user || uuid, this.contactAddress ?? home)
    const params = { ...(user !== '' && { line: uuid }), [COOKIE]: this.cookie }
    return base?.with({ params }).bytes
  }

  /** What makes a binding another one: where it is, at whom, for whom. */
  get binding(): string {
    const { l_uuid, r_username, r_domain, auth_proxy, contact_addr, contact_user, socket } = this.row
    return JSON.stringify([l_uuid, r_username, r_domain, auth_proxy, contact_addr, contact_user, socket])
  }
}

function credentialsOf({
  realm,
  auth_username: username,
  auth_password: password,
  auth_ha1: ha1,
}: TrunkRow): Credentials {
  // Kamailio: an empty realm is any, and the HA1 goes before the password.
  const who = { username, ...(realm !== '' && { realm }) }
  return ha1 === '' ? { ...who, password } : { ...who, ha1 }
}

function cookieOf({ l_uuid, r_username, r_domain }: TrunkRow): string {
  return createHash('sha256').update(`${l_uuid}\0${r_username}\0${r_domain}`).digest('hex').slice(0, 10)
}

function shown(text: string): string {
  return JSON.stringify(withoutPassword(text))
}

/** As it is written where that is a user, escapes and all; else with what may not stand in one escaped. */
function sip(user: string, address: string): Uri | undefined {
  const base = Uri.parse(toBytes('sip:' + address))
  if (base === undefined || base.user !== '' || base.host === '' || base.headers !== '') return undefined
  if (user === '') return base
  const bytes = toBytes(user)
  const plain = isUserPart(bytes) ? Uri.parse(`sip:${bytes}@${toBytes(address)}`) : undefined
  if (plain !== undefined && plain.host === base.host && plain.password === '') return plain
  try {
    return base.with({ user })
  } catch {
    return undefined
  }
}
