/** What a registration is given. */
import type { OwnPlan } from '../uac/own-request.ts'
import type { OwnRequests } from '../uac/own-requests.ts'
import type { NonceCounts } from '../uac/nonce-counts.ts'
import type { Agenda } from './agenda.ts'
import type { TrunkState } from './machine.ts'
import type { Pace } from './pace.ts'
import type { Registration } from './registration.ts'

/** What the user's routes do with a REGISTER of ours: asked for each anew, since a reload changes it. */
export type RegisterHooks = Pick<OwnPlan, 'leaving'> & { ended?(): void }

export interface TrunkServices {
  readonly requests: OwnRequests
  readonly counts: NonceCounts
  readonly agenda: Agenda
  readonly pace: Pace
  readonly settings: { readonly retryInterval: number }
  readonly random: () => number
  hooks(): RegisterHooks
  changed(registration: Registration, from: TrunkState, to: TrunkState): void
  /** Removed, and withdrawn. */
  gone(registration: Registration): void
}
