/**
 * The one error class, its codes, and the place in somebody's sources that a problem names. Codes are documented here and never renamed.
 */

export const codes = {
  BAD_URI: 'a string that is no URI, or would break the message',
  BAD_HEADER: 'a header name or value that would break the message',
  BAD_BODY: 'a body that is no text',
  CORE_HEADER: 'a header that belongs to the core',
  BAD_CREDENTIALS: 'credentials that are no object, or name no user',
  BAD_REQUEST: 'options of uac.send that make no request',
  DIALOG_IDENTITY: 'a From or To that stays as it is for the whole dialog',
  BAD_STATUS: 'a status code outside 100 to 699',
  BAD_TARGET: 'a next hop that cannot be sent to',
  NO_SOCKET: 'a socket that is none of ours',
  BAD_DURATION: 'a time that is neither milliseconds nor a string such as "5s"',
  BAD_SQL: 'a statement that cannot be bound',
  DATABASE: 'a database that refused, or that is away',
  NOT_REGISTER: 'registrar.save() for a request that is no REGISTER',
  NO_ROUTE: 'a route name that nothing registers',
  LATE_ROUTE: 'a route that is registered after the routes were loaded',
  DUPLICATE_ROUTE: 'two routes where there can be one',
  BAD_BUNDLE: 'a bundle that cannot be evaluated',
  ON_LOAD: 'an onLoad that threw or did not end',
  ROLLBACK: 'a rollback with nothing to go back to',
  BUILD: 'sources that do not bundle',
  CONFIG: 'a config that cannot be used',
  LISTEN: 'a socket that cannot be opened',
  STOPPED: 'the server is no longer running',
  PROJECT: 'a folder that a command cannot work with',
  TYPES: 'sources that do not type check',
  ADMIN: 'a running proxy that cannot be reached, or that refused',
} as const

/** One of `codes`. */
export type ErrorCode = keyof typeof codes

/** One thing that is wrong, and where. `column` counts from 1, as editors do. */
export interface Problem {
  text: string
  file?: string
  line?: number
  column?: number
  /** The source line itself, for a code frame. */
  lineText?: string
  /** How many characters to underline. */
  length?: number
  /** How to mend it, in a sentence. */
  hint?: string
}

/** What is thrown for a mistake of the user’s: `code` says which kind, `problems` where and how to mend it. */
export class SignalboxError extends Error {
  override readonly name = 'SignalboxError'
  readonly code: ErrorCode
  readonly problems: readonly Problem[]

  constructor(code: ErrorCode, message: string, problems: readonly Problem[] = []) {
    super(message)
    this.code = code
    this.problems = problems
  }
}

/** What was thrown, by whomever: its stack, or what can be said of it. Never throws, whatever it is. */
export function stackOf(thrown: unknown): string {
  return told(thrown, ({ stack, message }) => stack ?? message)
}

/** Likewise, in a line: `TypeError: x is not a function`. */
export function messageOf(thrown: unknown): string {
  return told(thrown, ({ name, message }) => `${name}: ${message}`)
}

/** An object without a prototype has no words, and a getter may throw in its turn. */
function told(thrown: unknown, ofError: (error: Error) => string): string {
  try {
    return String(thrown instanceof Error ? ofError(thrown) : thrown)
  } catch {
    return 'a value that cannot be shown'
  }
}

/** On one line, with its place, and how many more there are. */
export function firstProblem(error: unknown): string {
  if (!(error instanceof SignalboxError)) return messageOf(error)
  const [first, ...others] = error.problems
  const { text, file, line, column }: Problem = first ?? { text: error.message }
  const place = [file, line, column].filter((part) => part !== undefined).join(':')
  return (place && `${place}: `) + text + (others.length > 0 ? ` (and ${others.length} more)` : '')
}
