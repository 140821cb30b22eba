import type { Problem } from '../errors.ts'

/** What esbuild leaves: one CommonJS text with its source map. Plain data, so that it can be kept, hashed and sent. */
export interface Bundle {
  /** The first 12 hex digits of SHA-256 over `code` and `map`. */
  readonly hash: string
  readonly code: string
  /** The source map as JSON; its sources are relative to the project's folder. */
  readonly map: string
  /** Absolute paths of every file that went in, for the watcher; none where the bundle was built elsewhere. */
  readonly inputs: readonly string[]
  /** What the builder doubts in the sources; not there where the bundle was built elsewhere. */
  readonly warnings?: readonly Problem[]
}
