/** What the watcher's thread and the main thread say to each other. */

/** What the thread is started with. */
export interface WatcherOptions {
  /** `Turns.marks`: the one thing that both see. */
  readonly marks: Int32Array
  /** Milliseconds of processor time. */
  readonly cpu: number
}

/** From the watcher: what it found or did. */
export type Report =
  | { readonly kind: 'ended'; readonly stack: string }
  /** It loops where it cannot be ended without harm. */
  | { readonly kind: 'left'; readonly stack: string }
  | { readonly kind: 'failed'; readonly message: string }

/** A function that the main thread leaves among its globals: takes the values of a scope of the user's code, says whether they told whose it is. */
export const CLAIM = 'signalbox.claim'
