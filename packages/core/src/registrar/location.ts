/**
 * Who is where: the contacts of every address-of-record, in the core's memory, so that a reload of routes loses none. Bounded by
 * `limits.bindings`; what has expired is not seen any more, and gone within a second.
 */
import type { Clock } from '../timers/clock.ts'
import type { Binding } from './binding.ts'
import { Expiries } from './expiries.ts'
import type { Registered } from './register.ts'

/** Who is told of each change, so that it gets into the table. */
export interface LocationWatcher {
  /** `isNew`: there was no binding of this `ruid` before. */
  saved(binding: Binding, isNew: boolean): void
  removed(binding: Binding): void
}

const nobody: readonly Binding[] = []

export class Location {
  readonly #clock: Clock
  readonly #watcher: LocationWatcher | undefined
  readonly #changed: ((aorKey: string) => void) | undefined
  readonly #byAor = new Map<string, readonly Binding[]>()
  readonly #expiries: Expiries<Binding>
  #size = 0

  /** `changed` is told of whatever becomes of an address, `watcher` of what the table does not have. */
  constructor(clock: Clock, watcher?: LocationWatcher, changed?: (aorKey: string) => void) {
    this.#clock = clock
    this.#watcher = watcher
    this.#changed = changed
    this.#expiries = new Expiries(clock, (bindings) => this.#expired(bindings))
  }

  /** How many contacts there are. */
  get size(): number {
    return this.#size
  }

  /** How many have one. */
  get aors(): number {
    return this.#byAor.size
  }

  /** The contacts that count now. */
  of(aorKey: string): readonly Binding[] {
    const bindings = this.#byAor.get(aorKey) ?? nobody
    const now = this.#clock.now()
    return bindings.every(({ expiresAt }) => expiresAt > now)
      ? bindings
      : bindings.filter(({ expiresAt }) => expiresAt > now)
  }

  all(): Iterable<readonly Binding[]> {
    return this.#byAor.values()
  }

  /** Puts in place what `register` made of the contacts that `of` gave. */
  commit(aorKey: string, { bindings, saved }: Registered): void {
    const before = this.#put(aorKey, bindings)
    // One that has expired goes here, too: `of` did not give it, and its second, which would have ended it, does not know it any more.
    for (const binding of before)
      if (!bindings.some(({ ruid }) => ruid === binding.ruid)) this.#watcher?.removed(binding)
    for (const binding of saved) this.#watcher?.saved(binding, !before.some(({ ruid }) => ruid === binding.ruid))
  }

  /** Takes what another worker has of it. */
  replace(aorKey: string, bindings: readonly Binding[]): void {
    this.#put(aorKey, bindings)
  }

  /** Takes one that the table had. False where the same contact has registered since. */
  restore(binding: Binding): boolean {
    const { key } = binding.aor
    const there = this.#byAor.get(key) ?? nobody
    const same = there.find(({ uri }) => uri.equals(binding.uri))
    // RFC 3261 §10.3 step 7: a REGISTER that was overtaken, and was taken for want of the one that overtook it.
    const isLater = same?.callId === binding.callId && same.cseq < binding.cseq
    if (same !== undefined && !isLater) return false
    this.#put(key, [...there.filter((each) => each !== same), binding])
    if (same !== undefined && same.ruid !== binding.ruid) this.#watcher?.removed(same)
    return true
  }

  /** Whether this row's contact is there, as it was or newer. */
  has({ aor, ruid }: Binding): boolean {
    return this.#byAor.get(aor.key)?.some((each) => each.ruid === ruid) ?? false
  }

  stop(): void {
    this.#expiries.stop()
  }

  /** Gives back what was there. */
  #put(aorKey: string, bindings: readonly Binding[]): readonly Binding[] {
    const before = this.#byAor.get(aorKey) ?? nobody
    // In this order: a second that is never empty keeps its place.
    for (const binding of bindings) if (!before.includes(binding)) this.#expiries.add(binding, binding.expiresAt)
    for (const binding of before) if (!bindings.includes(binding)) this.#expiries.delete(binding, binding.expiresAt)
    if (bindings.length === 0) this.#byAor.delete(aorKey)
    // By their own: the other one may be cut out of a datagram.
    else this.#byAor.set(bindings[0]!.aor.key, bindings)
    this.#size += bindings.length - before.length
    this.#changed?.(aorKey)
    return before
  }

  #expired(bindings: Iterable<Binding>): void {
    for (const binding of bindings) {
      const { key } = binding.aor
      const there = this.#byAor.get(key)
      if (there === undefined || !there.includes(binding)) continue
      this.#put(
        key,
        there.filter((each) => each !== binding),
      )
      this.#watcher?.removed(binding)
    }
  }
}
