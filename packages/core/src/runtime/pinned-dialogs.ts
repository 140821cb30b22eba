/**
 * Dialogs that stay on the generation they began with (`pin: 'dialog'`), by Call-ID. Without a dialog's state in the proxy its end is only known by
 * its BYE, so there are bounds for those that have none: a time without a request, and a number, beyond which the dialog used longest ago is let
 * go. One that was let go runs on the live generation, as all others do. Lost with the process, as its generations are.
 */
import { apart } from '../message/chars.ts'
import type { Clock } from '../timers/clock.ts'
import type { Generation } from './generation.ts'

/** Twelve hours, in milliseconds: longer than calls are, and than a session timer (RFC 4028) lets one be silent. */
const SILENT_MS = 12 * 3_600_000

interface Pin {
  readonly generation: Generation
  /** Dialogs with this Call-ID: an upstream that forks may reach us more than once. */
  dialogs: number
  usedAt: number
}

export class PinnedDialogs {
  /** In the order of use. */
  readonly #pins = new Map<string, Pin>()
  readonly #limit: number
  readonly #clock: Clock

  constructor(limit: number, clock: Clock) {
    this.#limit = limit
    this.#clock = clock
  }

  get size(): number {
    return this.#pins.size
  }

  /** A dialog begins, or is one that has no pin yet. */
  pin(callId: string, generation: Generation): void {
    const known = this.#pins.get(callId)
    if (known !== undefined) return void known.dialogs++
    generation.hold()
    this.#pins.set(apart(callId), { generation, dialogs: 1, usedAt: this.#clock.now() })
    if (this.#pins.size > this.#limit) this.#release(this.#pins.keys().next().value!)
  }

  /** The generation that a request within a dialog runs on, if it was pinned. */
  find(callId: string): Generation | undefined {
    const pin = this.#pins.get(callId)
    if (pin === undefined) return undefined
    pin.usedAt = this.#clock.now()
    this.#pins.delete(callId)
    this.#pins.set(apart(callId), pin)
    return pin.generation
  }

  has(callId: string): boolean {
    return this.#pins.has(callId)
  }

  /** A dialog has ended, or never began. */
  unpin(callId: string): void {
    const pin = this.#pins.get(callId)
    if (pin !== undefined && --pin.dialogs === 0) this.#release(callId)
  }

  /** Lets go those of which nothing was heard for long. */
  expire(): void {
    const before = this.#clock.now() - SILENT_MS
    for (const [callId, { usedAt }] of this.#pins) {
      if (usedAt > before) return
      this.#release(callId)
    }
  }

  #release(callId: string): void {
    const pin = this.#pins.get(callId)
    this.#pins.delete(callId)
    pin?.generation.letGo()
  }
}
