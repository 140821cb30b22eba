/** What the walk over statements and the evaluation of expressions share. */
import type { Action, FunctionId, Model, Place } from '../model.ts'
import type { Path } from './path.ts'

export type FlowEvent = { path: Path } & (
  | { type: 'act'; action: Action }
  | { type: 'replace'; place: Place }
  /** The handler returns, at this statement or at its end. */
  | { type: 'end'; place: Place | undefined }
)

/** How a statement, or a function, comes to an end. */
export interface Completion {
  type: 'normal' | 'return' | 'throw' | 'break' | 'continue'
  path: Path
  label?: string | undefined
  value?: string
  place?: Place
}

/** What a try statement around a call gets to see when it throws. */
export type Catcher = Path[]

export interface Walker {
  readonly model: Model
  readonly events: FlowEvent[]
  /** The innermost try statement's, if there is one. */
  catchers: Catcher[]
  /** Completions by a throw within an expression. */
  thrown: Completion[]
  call: (to: FunctionId, path: Path, values: readonly string[]) => Completion[]
}
