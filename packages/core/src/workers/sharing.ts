/**
 * Contacts and trunks are worker 0's: every REGISTER is handed to it, and it alone registers trunks. The others have copies, which only read; each change
 * gets to them by way of the primary, within milliseconds.
 */
import type { AccountOptions } from '../trunks/account.ts'
import { heardBindings, tellBinding, type Now, type ToldBinding } from '../registrar/told.ts'
import type { Part } from '../serving.ts'
import type { Stack } from '../stack.ts'
import { within } from '../store/within.ts'
import { machineClock, realClock } from '../timers/clock.ts'
import { TrunkCopy, type ToldTrunk } from '../trunks/trunk-copy.ts'
import type { SharedEntries } from './protocol.ts'
import { Publisher, type Topic } from './shared-map.ts'

/** What is said to the primary. */
export interface Primary {
  /** Resolves when all others have it. */
  share(what: SharedEntries): Promise<unknown>
  /** Worker 0 is to tell all of it. */
  want(topic: Topic): void
}

/** What is shared of a stack. */
export type SharedStack = Pick<Stack, 'registrar' | 'trunks' | 'requests'>

export interface Sharing {
  readonly isCopy: boolean
  readonly stack: Omit<Part['stack'], 'ids'>
  /** The stack stands: what was told before gets into it. */
  begin(stack: SharedStack): void
  take(shared: SharedEntries): void
  /** Somebody else wants to know all of it. */
  tellAll(topic: Topic): Promise<void>
}

/** Milliseconds that a REGISTER waits at most for the others to know of it, in whatever state the primary is: less than T1. */
const SOON = 400

/** What comes before the stack stands waits for it. */
abstract class WithStack {
  protected stands: SharedStack | undefined
  readonly #early: SharedEntries[] = []

  begin(stack: SharedStack): void {
    this.stands = stack
    for (const shared of this.#early.splice(0)) this.takeInto(stack, shared)
  }

  take(shared: SharedEntries): void {
    if (this.stands === undefined) this.#early.push(shared)
    else this.takeInto(this.stands, shared)
  }

  protected abstract takeInto(stack: SharedStack, shared: SharedEntries): void
}

/** Worker 0. */
export class OwnedHere extends WithStack implements Sharing {
  readonly isCopy = false
  readonly stack: Sharing['stack']
  readonly #primary: Primary
  readonly #contacts: Publisher
  readonly #trunks: Publisher
  readonly #toldTrunks = new Set<string>()
  /** What the worker 0 before this one told: routes find it until the table has been read. */
  readonly #former: TrunkCopy
  #isFirstList = true
  #hasFormer = false
  /** What others wanted to know before the stack stood. */
  readonly #wanted = new Set<Topic>()

  constructor(primary: Primary, settings: AccountOptions) {
    super()
    this.#primary = primary
    this.#former = copyOf(settings, () => this.stands!)
    this.#contacts = new Publisher(
      (key) => this.#bindingsOf(key),
      (entries) => within(SOON, primary.share({ topic: 'location', entries })).catch(() => undefined),
    )
    this.#trunks = new Publisher(
      (uuid) => this.#trunkOf(uuid),
      (entries) => primary.share({ topic: 'trunks', entries }),
    )
    this.stack = {
      location: { changed: (key) => this.#contacts.changed(key), telling: () => this.#contacts.telling },
      formerTrunks: () => (this.#isFirstList && this.#hasFormer ? this.#former : undefined),
      trunkWatcher: { told: (uuid) => this.#trunks.changed(uuid), listed: () => this.#listTrunks() },
    }
  }

  override begin(stack: SharedStack): void {
    super.begin(stack)
    for (const topic of this.#wanted) void this.tellAll(topic)
  }

  /** What the worker 0 before this one had, of which the table may not have the last tenth of a second. */
  protected override takeInto({ registrar }: SharedStack, { topic, entries }: SharedEntries): void {
    if (topic === 'trunks') {
      this.#hasFormer = true
      for (const [uuid, told] of entries) {
        this.#former.take(uuid, told as ToldTrunk)
        // The others have it: they are told if it is no more.
        this.#toldTrunks.add(uuid)
      }
      return
    }
    const { location } = registrar
    for (const [key, told] of entries) {
      if (location.of(key).length > 0) continue
      location.replace(key, heardBindings(told as ToldBinding[], nowOf(registrar)))
    }
  }

  async tellAll(topic: Topic): Promise<void> {
    if (topic !== 'location') return
    // Nothing was read yet, which is not all there is.
    if (this.stands === undefined) return void this.#wanted.add(topic)
    await this.stands.registrar.ready()
    void this.#contacts.flush()
    void this.#primary.share({ topic, entries: [], isWhole: true })
  }

  #bindingsOf(key: string): ToldBinding[] | null {
    const { registrar } = this.stands!
    const bindings = registrar.location.of(key)
    return bindings.length === 0 ? null : bindings.map((binding) => tellBinding(binding, nowOf(registrar)))
  }

  #listTrunks(): void {
    this.#isFirstList = false
    this.#former.clear()
    for (const uuid of this.#toldTrunks) this.#trunks.changed(uuid)
    for (const { row } of this.stands?.trunks?.all() ?? []) this.#trunks.changed(row.l_uuid)
  }

  #trunkOf(uuid: string): ToldTrunk | null {
    const trunks = this.stands!.trunks!
    const trunk = trunks.get(uuid)
    if (trunk === undefined) {
      this.#toldTrunks.delete(uuid)
      return null
    }
    this.#toldTrunks.add(uuid)
    const { row, state, reason, peer, boundUntil } = trunk
    const until = boundUntil === undefined ? undefined : machineClock() + boundUntil - trunks.agenda.now()
    return { row, state, reason, peer, boundUntil: until }
  }
}

function copyOf(settings: AccountOptions, stack: () => SharedStack): TrunkCopy {
  return new TrunkCopy({ settings, socketOf: (name) => stack().requests.socket(name), now: machineClock })
}

function nowOf(registrar: SharedStack['registrar']): Now {
  return { clock: registrar.now().clock, machine: machineClock() }
}

/** How long a look-up waits for the contacts that there were, in milliseconds. */
const PATIENCE = 3_000

/** All others. */
export class OwnedElsewhere extends WithStack implements Sharing {
  readonly isCopy = true
  readonly stack: Sharing['stack']
  readonly #primary: Primary
  readonly #trunks: TrunkCopy
  #isWhole = false
  #waiting: Promise<void> | undefined
  #stopWaiting = (): void => undefined

  constructor(primary: Primary, settings: AccountOptions) {
    super()
    this.#primary = primary
    this.#trunks = copyOf(settings, () => this.stands!)
    this.stack = { location: { original: { ready: () => this.#ready() } }, knownTrunks: this.#trunks }
  }

  protected override takeInto(stack: SharedStack, shared: SharedEntries): void {
    if (shared.topic === 'location') this.#takeContacts(shared, stack)
    else this.#takeTrunks(shared)
  }

  /** Worker 0 does. */
  async tellAll(): Promise<void> {}

  #takeContacts({ entries, isWhole }: SharedEntries, { registrar }: SharedStack): void {
    for (const [key, told] of entries)
      registrar.location.replace(key, heardBindings((told ?? []) as ToldBinding[], nowOf(registrar)))
    if (isWhole !== true) return
    this.#isWhole = true
    this.#stopWaiting()
  }

  #takeTrunks({ entries }: SharedEntries): void {
    for (const [uuid, told] of entries) this.#trunks.take(uuid, (told ?? undefined) as ToldTrunk | undefined)
  }

  #ready(): Promise<void> | undefined {
    if (this.#isWhole) return undefined
    if (this.#waiting !== undefined) return this.#waiting
    this.#primary.want('location')
    return (this.#waiting = new Promise((resolve) => {
      const done = (): void => {
        this.#isWhole = true
        resolve()
      }
      const cancel = realClock.wakeAfter(PATIENCE, done)
      this.#stopWaiting = () => {
        cancel()
        done()
      }
    }))
  }
}
