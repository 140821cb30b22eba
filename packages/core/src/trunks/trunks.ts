/**
 * The trunks: what the table wants, made so. Rows are compared with what there is, and only a changed one is touched; while the database is away
 * everything goes on as it is. They belong to the core: no reload of routes is noticed here.
 */
import { SignalboxError } from '../errors.ts'
import type { Timers } from '../timers/timers.ts'
import type { NonceCounts } from '../uac/nonce-counts.ts'
import type { OwnRequests } from '../uac/own-requests.ts'
import { Agenda, type Appointment } from './agenda.ts'
import type { Account, AccountOptions } from './account.ts'
import { ByHand } from './by-hand.ts'
import { fingerprint, type TrunkRow } from './columns.ts'
import { trunkStates, type TrunkState } from './machine.ts'
import { Pace } from './pace.ts'
import { Registration, type TrunkServices } from './registration.ts'
import { accountOf } from './row.ts'
import { RowNames } from './row-names.ts'
import type { RegisterHooks } from './services.ts'
import { perSecond, rateFor } from './load.ts'
import type { TableLog, TrunkTable } from './table.ts'
import { TrunkIndex } from './trunk-index.ts'

/** `uac.registration` of the config, times in seconds. */
export interface RegistrationSettings extends AccountOptions {
  readonly interval: number
  readonly retryInterval: number
  readonly rate: number
  readonly unregisterOnStop: boolean
}

export interface TrunksOptions {
  readonly settings: RegistrationSettings
  readonly table: Pick<TrunkTable, 'all' | 'one' | 'lacking'>
  readonly timers: Timers
  readonly requests: OwnRequests
  readonly counts: NonceCounts
  readonly log: TableLog & { debug(message: string): void }
  readonly random?: () => number
  hooks(): RegisterHooks
  /** Of every transition. */
  changed?(trunk: Registration, from: TrunkState, to: TrunkState): void
  readonly watcher?: TrunkWatcher | undefined
}

/** Who makes known to others what there is. */
export interface TrunkWatcher {
  /** Something has happened to this trunk. */
  told(uuid: string): void
  /** Rows have come, gone or changed. */
  listed(): void
}

export interface ReloadReport {
  added: number
  changed: number
  removed: number
  unchanged: number
}

/** Seconds until a table that could not be read is looked at again, doubled each time. */
const SOON = 5

/** And at the latest, where no interval says so. */
const LATEST = 90

export class Trunks {
  readonly agenda: Agenda
  readonly pace: Pace
  readonly rowNames: RowNames
  readonly #options: TrunksOptions
  readonly #services: TrunkServices
  readonly #trunks = new Map<string, Registration>()
  readonly #index = new TrunkIndex(this.#trunks)
  /** Taken from the table, and withdrawing still. */
  readonly #parting = new Map<string, Registration>()
  readonly #byHand = new ByHand()
  /** How often a state was entered. */
  readonly transitions = new Map<TrunkState, number>()
  #reading: Promise<unknown> = Promise.resolve()
  #look: Appointment | undefined
  #rateNeeded: number | undefined
  #notWithdrawn = 0
  #misses = 0
  #lastMiss = ''
  #isStopped = false

  constructor(options: TrunksOptions) {
    const { timers, settings, requests, counts } = options
    this.#options = options
    this.agenda = new Agenda(timers)
    this.pace = new Pace(this.agenda, settings.rate)
    this.rowNames = new RowNames((message) => options.log.warn(message))
    this.#services = {
      requests,
      counts,
      agenda: this.agenda,
      pace: this.pace,
      settings,
      random: options.random ?? Math.random,
      hooks: () => options.hooks(),
      changed: (trunk, from, to) => this.#changed(trunk, from, to),
      adopted: () => this.#listChanged(),
      gone: (trunk) => this.#gone(trunk),
    }
  }

  /** Looks at the table, and again each interval. What was added or removed by hand stays so. */
  async start(): Promise<void> {
    try {
      await this.#inTurn(() => this.#reload())
    } catch {
      // It was told, and is tried again.
    }
  }

  /**
   * What the table says now is made so, and what was added or removed by hand before is forgotten. Rejects with `DATABASE` when it cannot be read; nothing
   * has changed then.
   */
  reload(): Promise<ReloadReport> {
    const asked = this.#byHand.now
    return this.#inTurn(() => this.#reload(asked))
  }

  /** The table is read once at a time: what was read earlier never goes over what was read later. */
  #inTurn<T>(read: () => Promise<T>): Promise<T> {
    const next = this.#reading.then(read)
    this.#reading = next.catch(() => undefined)
    return next
  }

  async #reload(forgetUntil = 0): Promise<ReloadReport> {
    if (this.#isStopped) throw new SignalboxError('STOPPED', 'the proxy stops')
    this.agenda.cancel(this.#look)
    try {
      const rows = await this.#options.table.all()
      this.#found()
      this.#byHand.forget(forgetUntil)
      return this.#apply(rows)
    } catch (error) {
      this.#missed(error as Error)
      throw error
    } finally {
      this.#lookLater()
    }
  }

  #found(): void {
    if (this.#misses > 0) this.#options.log.info('the table uacreg can be read again')
    this.#misses = 0
    this.#lastMiss = ''
  }

  /** Said once for each reason, however often it is tried. */
  #missed({ message }: Error): void {
    this.#misses++
    if (message === this.#lastMiss) return
    this.#lastMiss = message
    this.#options.log.warn(`the table uacreg cannot be read, and the trunks stay as they are: ${message}`)
  }

  #lookLater(): void {
    if (this.#isStopped) return
    const { interval } = this.#options.settings
    const soon = Math.min(interval || LATEST, SOON * 2 ** Math.min(this.#misses - 1, 10))
    const seconds = this.#misses === 0 ? interval : soon
    this.agenda.cancel(this.#look)
    if (seconds > 0) this.#look = this.agenda.after(seconds * 1_000, () => void this.start())
  }

  #apply(rows: readonly TrunkRow[]): ReloadReport {
    const report: ReloadReport = { added: 0, changed: 0, removed: 0, unchanged: 0 }
    if (this.#isStopped) return report
    const wanted = this.rowNames.byName(rows)
    this.#byHand.apply(wanted)
    for (const uuid of this.#trunks.keys()) {
      if (!wanted.has(uuid) && !this.#byHand.hasAdded(uuid) && this.#take(uuid)) report.removed++
    }
    for (const row of wanted.values()) report[this.#want(row)]++
    this.#listChanged()
    this.#checkRate()
    return report
  }

  #want(row: TrunkRow): 'added' | 'changed' | 'unchanged' {
    const trunk = this.#trunks.get(row.l_uuid)
    if (trunk === undefined) {
      this.#add(row)
      return 'added'
    }
    if (trunk.fingerprint === fingerprint(row)) return 'unchanged'
    trunk.change(row, this.#accountOf(row))
    return 'changed'
  }

  #add(row: TrunkRow): Registration {
    const account = this.#accountOf(row)
    const parting = this.#parting.get(row.l_uuid)
    // Its withdrawal is out: another REGISTER beside it could be overtaken by it.
    const trunk = parting ?? new Registration(this.#services, row, account)
    this.#trunks.set(row.l_uuid, trunk)
    this.#parting.delete(row.l_uuid)
    if (parting === undefined) trunk.begin()
    else trunk.change(row, account)
    return trunk
  }

  #gone(trunk: Registration): void {
    const { l_uuid: uuid } = trunk.row
    if (this.#parting.get(uuid) !== trunk) return
    this.#parting.delete(uuid)
    if (this.#isStopped && trunk.mayBeBound) this.#notWithdrawn++
  }

  #accountOf(row: TrunkRow): Account | string {
    const { settings, requests } = this.#options
    return accountOf(row, settings, (name) => requests.socket(name))
  }

  #listChanged(): void {
    this.#index.outdate()
    this.#options.watcher?.listed()
  }

  /** One row is read again. `undefined`: there is none, and what there was stays. */
  refresh(uuid: string): Promise<Registration | undefined> {
    return this.#inTurn(() => this.#refresh(uuid))
  }

  async #refresh(uuid: string): Promise<Registration | undefined> {
    const row = await this.#options.table.one(uuid)
    if (row === undefined || this.#isStopped) return undefined
    const trunk = this.#trunks.get(uuid)
    this.#byHand.isAsTable(uuid)
    if (trunk === undefined) this.#add(row)
    else trunk.change(row, this.#accountOf(row))
    this.#listChanged()
    return this.#trunks.get(uuid)
  }

  /** Refreshes that cannot be kept up lapse, one after another: said when it begins and when it is over. */
  #checkRate(): void {
    const { settings, log } = this.#options
    const had = this.#rateNeeded
    const needed = rateFor(this.#trunks.values())
    this.#rateNeeded = needed > settings.rate ? needed : undefined
    if (this.#rateNeeded !== undefined && had === undefined) {
      log.warn(
        `uac.registration.rate is ${settings.rate}, and refreshing ${this.#trunks.size} trunks takes ${perSecond(needed)} REGISTERs per second: some will lapse`,
      )
    } else if (had !== undefined && this.#rateNeeded === undefined) {
      log.info(`uac.registration.rate is enough again for ${this.#trunks.size} trunks`)
    }
  }

  /** What is wrong with a row that is to be added. */
  fault(row: TrunkRow): string | undefined {
    const account = this.#accountOf(row)
    return typeof account === 'string' ? account : undefined
  }

  /** Beside the table, until `reload`. `undefined`: there is one already. */
  add(row: TrunkRow): Registration | undefined {
    if (this.#trunks.has(row.l_uuid)) return undefined
    this.#byHand.added(row.l_uuid)
    const trunk = this.#add(row)
    this.#listChanged()
    this.#checkRate()
    return trunk
  }

  /** Until `reload`, or until its row changes. */
  remove(uuid: string): boolean {
    const trunk = this.#trunks.get(uuid)
    if (trunk === undefined) return false
    this.#byHand.removed(uuid, trunk.fingerprint)
    this.#take(uuid)
    this.#listChanged()
    return true
  }

  #take(uuid: string): boolean {
    const trunk = this.#trunks.get(uuid)
    if (trunk === undefined) return false
    this.#trunks.delete(uuid)
    this.#parting.set(uuid, trunk)
    trunk.remove()
    if (trunk.isGone) this.#gone(trunk)
    return true
  }

  get(uuid: string): Registration | undefined {
    return this.#trunks.get(uuid)
  }

  /** Those of a local user: in the order of the table. */
  ofUsername(user: string): readonly Registration[] {
    return this.#index.ofUsername(user)
  }

  ofCookie(cookie: string): Registration | undefined {
    return this.#index.ofCookie(cookie)
  }

  all(): Iterable<Registration> {
    return this.#trunks.values()
  }

  get size(): number {
    return this.#trunks.size
  }

  /** Why the table says nothing; '' when it does. */
  get problem(): string {
    return this.#lastMiss || this.#options.table.lacking
  }

  /** It was read before, or is there and cannot be read: what has changed in it does not get here. */
  get isAway(): boolean {
    return this.#misses > 0
  }

  /** REGISTERs per second that may start. */
  get rate(): number {
    return this.#options.settings.rate
  }

  /** REGISTERs per second that refreshing all trunks takes, where that is more than the rate. */
  get rateNeeded(): number | undefined {
    return this.#rateNeeded
  }

  /** How many a stop could not withdraw: they stay bound until they expire. */
  get notWithdrawn(): number {
    return this.#notWithdrawn + (this.#isStopped ? this.#parting.size : 0)
  }

  /** How many are in each state. */
  counts(): Record<TrunkState, number> {
    const counts = Object.fromEntries(trunkStates.map((state) => [state, 0])) as Record<TrunkState, number>
    for (const { state } of this.#trunks.values()) counts[state]++
    return counts
  }

  /** How many wait for the answer to their withdrawal. */
  get withdrawing(): number {
    return this.#parting.size
  }

  /** Nothing is registered any more; with `unregisterOnStop` what is bound is withdrawn. */
  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.agenda.cancel(this.#look)
    const { unregisterOnStop } = this.#options.settings
    this.pace.isPaused = false
    for (const [uuid, trunk] of this.#trunks) {
      if (trunk.stop(unregisterOnStop)) this.#parting.set(uuid, trunk)
    }
    if (unregisterOnStop) return
    for (const trunk of this.#parting.values()) trunk.close()
    this.#parting.clear()
    this.#options.requests.abandon()
  }

  /** At once, whatever is out. */
  close(): void {
    this.#isStopped = true
    for (const trunk of [...this.#parting.values(), ...this.#trunks.values()]) trunk.close()
    this.#parting.clear()
    this.agenda.close()
    this.#options.requests.abandon()
  }

  #changed(trunk: Registration, from: TrunkState, to: TrunkState): void {
    this.#options.watcher?.told(trunk.row.l_uuid)
    if (from === to) return
    this.transitions.set(to, (this.transitions.get(to) ?? 0) + 1)
    this.#tell(trunk, from, to)
    this.#options.changed?.(trunk, from, to)
  }

  #tell({ row, reason, note, granted, nextAt }: Registration, from: TrunkState, to: TrunkState): void {
    const { log } = this.#options
    const why = reason === '' ? '' : `: ${reason}`
    const line = `trunk ${row.l_uuid || '(without l_uuid)'}: ${from} → ${to}`
    if (to === 'registered' && reason === '')
      return log[from === 'refreshing' ? 'debug' : 'info'](`${line} for ${granted} s${note && ': ' + note}`)
    if (to === 'failed' || to === 'registered' || (to === 'disabled' && from !== 'unregistering')) {
      const next = nextAt === undefined ? '' : `; tried again in ${Math.round((nextAt - this.agenda.now()) / 1_000)} s`
      return log.warn(line + why + next)
    }
    log[to === 'refreshing' || to === 'registering' ? 'debug' : 'info'](line + why)
  }
}
