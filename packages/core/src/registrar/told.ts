/** A contact as one worker tells it to another: times by the calendar, since every process has a clock of its own. */
import { Uri } from '../message/uri.ts'
import type { Binding } from './binding.ts'
import type { Moment } from './rows.ts'

export interface ToldBinding extends Omit<Binding, 'uri' | 'received' | 'expiresAt' | 'q'> {
  readonly uri: string
  readonly received?: string | undefined
  readonly q?: number | undefined
  /** Milliseconds since 1970. */
  readonly expires: number
}

export function tellBinding({ uri, received, expiresAt, ...binding }: Binding, now: Moment): ToldBinding {
  const expires = now.calendar + expiresAt - now.clock
  return { ...binding, uri: uri.bytes, received: received?.bytes, expires }
}

/** Those that last still. */
export function heardBindings(told: readonly ToldBinding[], now: Moment): Binding[] {
  return told.filter(({ expires }) => expires > now.calendar).map((each) => heardBinding(each, now))
}

function heardBinding({ expires, uri, received, q, ...binding }: ToldBinding, now: Moment): Binding {
  const really = received === undefined ? {} : { received: Uri.parse(received) }
  return { ...binding, ...really, q, uri: Uri.parse(uri)!, expiresAt: now.clock + expires - now.calendar }
}
