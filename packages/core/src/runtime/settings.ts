/** The part of the config that goes live with a generation: its calls read it there, and keep it until they end. */
import type { Credentials } from '@signalbox/dsl'
import type { Bundle } from '../build/bundle.ts'
import type { AuthVars } from '../uac/credentials.ts'

/** The keys of the config that go live with a generation. */
export interface GenerationSettings {
  readonly uac: {
    readonly credentials: readonly (Credentials & { realm: string })[]
    readonly authVars: AuthVars
    /** The names in `vars` of what replies restore From and To from. */
    readonly restoreVars?: { readonly from?: string | undefined; readonly to?: string | undefined }
  }
  /** Milliseconds: `onLoad`, `onDispose` and an `await` of a handler; a loop. */
  readonly handlers: { readonly deadline: number; readonly cpu: number }
}

/** What a reload brings in. */
export interface Incoming {
  readonly bundle: Bundle
  /** Default: those of the live generation. */
  readonly settings?: GenerationSettings
}
