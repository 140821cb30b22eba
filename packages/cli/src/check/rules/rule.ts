/** What a rule is. */
import type { Severity } from '../findings.ts'
import type { FlowEvent } from '../flow/walker.ts'
import type { Handler, Model, Place } from '../model.ts'

export interface Found {
  place: Place
  text: string
  hint?: string
}

export interface Rule {
  id: string
  severity: Severity
  /** Why, in a line. */
  reason: string
  find: (routes: Routes) => Iterable<Found>
}

export interface Routes {
  model: Model
  /** What happens on all paths of a handler; nothing where they are too many, or the handler cannot be found. */
  eventsOf: (handler: Handler) => readonly FlowEvent[]
  /** The same place is found once, whichever path came by. */
  events: () => Iterable<FlowEvent & { handler: Handler }>
}

/** `file.ts:12` as a person is told of it. */
export function spot({ file, line }: Place): string {
  return `${file.split('/').at(-1)}:${line}`
}
