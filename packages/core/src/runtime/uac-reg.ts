/** `uac.reg`: trunks as routes see them, and a request sent out through one. */
import type {
  LookupOptions,
  RegistrationRequests,
  Registrations,
  RequestToOptions,
  Trunk,
  TrunkState,
  UriLike,
} from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'
import { Uri } from '../message/uri.ts'
import { COOKIE, type Account } from '../trunks/account.ts'
import type { KnownTrunk, KnownTrunks } from '../trunks/trunk-index.ts'
import type { RequestView } from './message-views.ts'

/** What look-ups need: no trunks where none are kept. `ruri` is of the request that the route runs for. */
export function registrations(trunks: KnownTrunks | undefined, ruri: () => Uri | undefined): Registrations {
  const found = (trunk: KnownTrunk | undefined): Trunk | undefined =>
    trunk?.account === undefined ? undefined : new TrunkView(trunk, trunk.account)
  return {
    lookup: (user, options = {}) => found(trunks && lookup(trunks, String(user), ruri(), options)),
    lookupUri: (uri: UriLike) => {
      const { user, host } = Uri.from(uri)
      return found(ofUser(trunks, user, host))
    },
    status: (uuid): TrunkState | undefined => trunks?.get(String(uuid))?.state,
  }
}

export function registrationRequests(
  trunks: KnownTrunks | undefined,
  req: RequestView,
  chosen: (account: Account) => void,
): RegistrationRequests {
  const requestTo = (user: string, options: RequestToOptions): boolean => {
    const by: unknown = options?.by
    if (by !== 'uuid' && by !== 'username') {
      throw new SignalboxError('BAD_REQUEST', `requestTo wants { by: 'uuid' } or { by: 'username' }, not ${String(by)}`)
    }
    const trunk = by === 'uuid' ? trunks?.get(String(user)) : ofUser(trunks, String(user))
    const account = trunk?.account
    if (account === undefined) return false
    req.ruri = options.account ? account.remote : dialled(req.ruri as Uri, account)
    req.dstUri = account.proxy
    chosen(account)
    return true
  }
  return { ...registrations(trunks, () => req.ruri as Uri), requestTo }
}

/** The number stays, the domain is the carrier's. */
function dialled(ruri: Uri, { registrar }: Account): Uri {
  return ruri.user === '' ? registrar : registrar.with({ user: ruri.user })
}

function lookup(
  trunks: KnownTrunks,
  user: string,
  ruri: Uri | undefined,
  { from }: LookupOptions,
): KnownTrunk | undefined {
  const trunk = trunks.get(user) ?? (ruri?.user === user ? ofContact(trunks, ruri) : undefined)
  return from === undefined || trunk?.peer === from.address ? trunk : undefined
}

/** The Request-URI is the Contact that we registered (RFC 3261 §16.5). */
function ofContact(trunks: KnownTrunks, ruri: Uri): KnownTrunk | undefined {
  const line = ruri.param('line')
  const trunk = line === undefined ? undefined : trunks.get(line)
  if (trunk !== undefined) return trunk
  const cookie = ruri.param(COOKIE)
  return cookie === undefined ? undefined : trunks.ofCookie(cookie)
}

function ofUser(trunks: KnownTrunks | undefined, user: string, host?: string): KnownTrunk | undefined {
  const all = trunks?.ofUsername(user).filter(({ account }) => account !== undefined) ?? []
  return all.find(({ account }) => account!.local.host === host) ?? all[0]
}

class TrunkView implements Trunk {
  readonly #trunk: KnownTrunk
  readonly #account: Account

  constructor(trunk: KnownTrunk, account: Account) {
    this.#trunk = trunk
    this.#account = account
  }

  get uuid(): string {
    return this.#account.row.l_uuid
  }

  get localUri(): Uri {
    return this.#account.local
  }

  get remoteUri(): Uri {
    return this.#account.remote
  }

  get proxyUri(): Uri {
    return this.#account.proxy
  }

  get realm(): string {
    return this.#account.row.realm
  }

  get state(): TrunkState {
    return this.#trunk.state
  }

  get isRegistered(): boolean {
    return this.#trunk.isBound
  }

  get reason(): string {
    return this.#trunk.reason
  }
}
