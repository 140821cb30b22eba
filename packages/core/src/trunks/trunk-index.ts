/** Trunks by local user and by what our Contact carries, for `requestTo` and look-ups: several trunks may share a user. */
import type { Account } from './account.ts'
import type { TrunkRow } from './columns.ts'
import type { TrunkState } from './machine.ts'

/** What routes can know of a trunk, in whatever worker they run. */
export interface KnownTrunk {
  readonly row: TrunkRow
  /** Undefined when the row cannot be used. */
  readonly account: Account | undefined
  readonly state: TrunkState
  readonly reason: string
  /** The address that answers for the registrar. */
  readonly peer: string | undefined
  readonly isBound: boolean
}

/** Where routes find trunks. */
export interface KnownTrunks {
  get(uuid: string): KnownTrunk | undefined
  /** Those of a local user: in the order of the table. */
  ofUsername(user: string): readonly KnownTrunk[]
  ofCookie(cookie: string): KnownTrunk | undefined
}

export class TrunkIndex<Trunk extends Pick<KnownTrunk, 'row' | 'account'>> {
  readonly #all: ReadonlyMap<string, Trunk>
  readonly #byUsername = new Map<string, Trunk[]>()
  readonly #byCookie = new Map<string, Trunk>()
  #isMade = false

  constructor(all: ReadonlyMap<string, Trunk>) {
    this.#all = all
  }

  /** A row has come, gone or changed. */
  outdate(): void {
    this.#isMade = false
  }

  ofUsername(user: string): readonly Trunk[] {
    this.#make()
    return this.#byUsername.get(user) ?? []
  }

  ofCookie(cookie: string): Trunk | undefined {
    this.#make()
    return this.#byCookie.get(cookie)
  }

  /** Once for all that has changed, when somebody asks: it reads every trunk. */
  #make(): void {
    if (this.#isMade) return
    this.#isMade = true
    this.#byUsername.clear()
    this.#byCookie.clear()
    for (const trunk of this.#all.values()) {
      if (trunk.account !== undefined) this.#byCookie.set(trunk.account.cookie, trunk)
      const { l_username: user } = trunk.row
      const others = this.#byUsername.get(user)
      if (others === undefined) this.#byUsername.set(user, [trunk])
      else others.push(trunk)
    }
  }
}
