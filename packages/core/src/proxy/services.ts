/** What a branch and a transaction need of the proxy they belong to. */
import type { Identities } from '../identity/identities.ts'
import type { Callees } from './callees.ts'
import type { Dialogs } from './dialogs.ts'
import type { Sending } from './sending.ts'

export interface ProxyServices extends Sending {
  readonly dialogs: Dialogs
  readonly callees: Callees
  /** From and To, replaced and restored. */
  readonly identities: Identities
}
