/** A contact as one worker tells it to another: times by the machine's clock, since every process has one of its own and the calendar is set. */
import { Uri } from '../message/uri.ts'
import type { Binding } from './binding.ts'

/** Milliseconds of the registrar's clock, and of the machine's, at the same moment. */
export interface Now {
  readonly clock: number
  readonly machine: number
}

export interface ToldBinding extends Omit<Binding, 'uri' | 'received' | 'expiresAt' | 'q'> {
  readonly uri: string
  readonly received?: string | undefined
  readonly q?: number | undefined
  /** Milliseconds of the machine's clock. */
  readonly expires: number
}

export function tellBinding({ uri, received, expiresAt, ...binding }: Binding, now: Now): ToldBinding {
  const expires = now.machine + expiresAt - now.clock
  return { ...binding, uri: uri.bytes, received: received?.bytes, expires }
}

/** Those that last still. */
export function heardBindings(told: readonly ToldBinding[], now: Now): Binding[] {
  return told.filter(({ expires }) => expires > now.machine).map((each) => heardBinding(each, now))
}

function heardBinding({ expires, uri, received, q, ...binding }: ToldBinding, now: Now): Binding {
  const really = received === undefined ? {} : { received: Uri.parse(received) }
  return { ...binding, ...really, q, uri: Uri.parse(uri)!, expiresAt: now.clock + expires - now.machine }
}
