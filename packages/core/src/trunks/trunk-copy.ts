/** Trunks of which another worker keeps the registrations, as routes here can ask for them. */
import type { LocalSocket } from '../transport/flow.ts'
import type { Account, AccountOptions } from './account.ts'
import { fingerprint, type TrunkRow } from './columns.ts'
import type { TrunkState } from './machine.ts'
import { accountOf } from './row.ts'
import { TrunkIndex, type KnownTrunk, type KnownTrunks } from './trunk-index.ts'

/** What the worker that has it tells of a trunk. It has the password. */
export interface ToldTrunk {
  readonly row: TrunkRow
  readonly state: TrunkState
  readonly reason: string
  readonly peer?: string | undefined
  /** Milliseconds of the machine's clock. */
  readonly boundUntil?: number | undefined
}

export interface TrunkCopyOptions {
  readonly settings: AccountOptions
  socketOf(name: string): LocalSocket
  /** The machine's clock. */
  now(): number
}

export class TrunkCopy implements KnownTrunks {
  readonly #options: TrunkCopyOptions
  readonly #trunks = new Map<string, CopiedTrunk>()
  readonly #index = new TrunkIndex(this.#trunks)

  constructor(options: TrunkCopyOptions) {
    this.#options = options
  }

  /** Undefined: it is gone. */
  take(uuid: string, told: ToldTrunk | undefined): void {
    const there = this.#trunks.get(uuid)
    if (told === undefined) this.#trunks.delete(uuid)
    else if (there !== undefined && there.fingerprint === fingerprint(told.row)) return there.take(told)
    else this.#trunks.set(uuid, new CopiedTrunk(told, this.#accountOf(told.row), this.#options))
    this.#index.outdate()
  }

  clear(): void {
    this.#trunks.clear()
    this.#index.outdate()
  }

  get(uuid: string): KnownTrunk | undefined {
    return this.#trunks.get(uuid)
  }

  ofUsername(user: string): readonly KnownTrunk[] {
    return this.#index.ofUsername(user)
  }

  ofCookie(cookie: string): KnownTrunk | undefined {
    return this.#index.ofCookie(cookie)
  }

  #accountOf(row: TrunkRow): Account | undefined {
    const { settings, socketOf } = this.#options
    const account = accountOf(row, settings, socketOf)
    return typeof account === 'string' ? undefined : account
  }
}

class CopiedTrunk implements KnownTrunk {
  readonly row: TrunkRow
  readonly fingerprint: string
  readonly account: Account | undefined
  readonly #now: () => number
  #told: ToldTrunk

  constructor(told: ToldTrunk, account: Account | undefined, { now }: Pick<TrunkCopyOptions, 'now'>) {
    this.#told = told
    this.row = told.row
    this.fingerprint = fingerprint(told.row)
    this.account = account
    this.#now = now
  }

  take(told: ToldTrunk): void {
    this.#told = told
  }

  get state(): TrunkState {
    return this.#told.state
  }

  get reason(): string {
    return this.#told.reason
  }

  get peer(): string | undefined {
    return this.#told.peer
  }

  /** It may lapse without anybody telling. */
  get isBound(): boolean {
    return this.#told.boundUntil !== undefined && this.#told.boundUntil > this.#now()
  }
}
