/**
 * What is to stand in From and To when a message leaves, instead of what came: bytes, kept beside the message, never on the wire by itself.
 * Copies of a message share it, so it is never changed: a later call makes a new one.
 */

/** Which of the two headers. */
export type Party = 'from' | 'to'

export interface Replacement {
  /** What stands before the header's parameters; `display` and `uri` are edits of it. Undefined: what came. */
  readonly base?: string
  /** '' removes the display name. Not quoted yet. */
  readonly display?: string
  readonly uri?: string
  /** What replies are to say instead of what the sender wrote: Kamailio's restore_*_avp. */
  readonly saved?: () => string | undefined
  /** To be called when the request is answered 2xx, each time it is. */
  readonly accepted?: () => void
}

/** What our Record-Route says about it, for a request that is record-routed again. */
export interface Carried {
  readonly callerTag: string
  /** With its semicolons. */
  readonly params: string
}

export interface Replaced extends Readonly<Partial<Record<Party, Replacement>>> {
  readonly carried?: Carried
}
