/** What sending a REGISTER needs. */
import type { Agenda } from './agenda.ts'
import type { OwnPlan } from '../uac/own-request.ts'
import type { OwnRequests } from '../uac/own-requests.ts'
import type { NonceCounts } from '../uac/nonce-counts.ts'

/** What the user's routes do with a REGISTER of ours: asked for each anew, since a reload changes it. */
export type RegisterHooks = Pick<OwnPlan, 'leaving'> & { ended?(): void }

export interface RegisterServices {
  readonly agenda: Agenda
  readonly requests: OwnRequests
  readonly counts: NonceCounts
  hooks(): RegisterHooks
}
