/**
 * Routes as plain data: what the rules know of a project. Nothing here knows TypeScript; `read/` makes it.
 *
 * A function is a small program. Of its expressions only those are kept that act, decide, or tell what a condition comes to; the rest
 * is `opaque`.
 */

/** `column` counts from 1. */
export interface Place {
  file: string
  line: number
  column: number
  length: number
}

/** A value as far as it is known: `?` not at all, `+` truthy, `-` falsy, `=` and JSON (or `undefined`) exactly. */
export type Value = string

/** What may be known on a path: a variable, a property of one, a comparison. The same text means the same thing. */
export type Fact = string

/** The request's method. */
export const METHOD: Fact = 'req@;.method'

export type ActionName = 'relay' | 'fork' | 'reply' | 'redirect' | 'drop' | 'registrar.save'

export interface Action {
  name: ActionName
  place: Place
  /** A provisional reply is not; `undefined`: it depends on a status that is computed. */
  final: boolean | undefined
  /** `relay` and `fork`: where to, as written. */
  target: string | undefined
  /** The first argument of `reply`, as written. */
  status: string | undefined
  /** `recordRoute: false` stands there. */
  withoutRecordRoute: boolean
  /** `auth` stands there. */
  withAuth: boolean
  arms: readonly Arming[]
}

export const armedKinds = ['failure', 'branchFailure', 'reply', 'branch'] as const
export type ArmedKind = (typeof armedKinds)[number]

/** An option such as `onFailure: 'X'`. */
export interface Arming {
  kind: ArmedKind
  place: Place
  /** The names that it can be. */
  names: readonly string[]
  /** Whether it can be others, too. */
  computed: boolean
}

export type FunctionId = number

export type Expression =
  | { is: 'opaque'; parts: readonly Expression[] }
  | { is: 'literal'; value: Value }
  | { is: 'read'; fact: Fact; parts: readonly Expression[] }
  /** `left === right`, where what is right is known. */
  | { is: 'compare'; left: Expression; right: Value; loose: boolean; fact: Fact }
  | { is: 'not'; of: Expression }
  | { is: 'and' | 'or' | 'coalesce'; left: Expression; right: Expression }
  /** `left, right`. */
  | { is: 'comma'; left: Expression; right: Expression }
  | { is: 'choose'; test: Expression; ifTrue: Expression; ifFalse: Expression; place: Place }
  | { is: 'assign'; fact: Fact | undefined; value: Expression; retargets: boolean }
  | { is: 'act'; action: Action; parts: readonly Expression[] }
  /** `uac.auth()`: `seen` when its result decides something, `ignored` when nobody looks, `elsewhere` when it cannot be followed. */
  | { is: 'auth'; place: Place; result: 'seen' | 'ignored' | 'elsewhere'; parts: readonly Expression[] }
  | { is: 'replace'; place: Place; parts: readonly Expression[] }
  /** What the next `relay()` goes to is changed. */
  | { is: 'retarget'; parts: readonly Expression[] }
  /** `canceled`, `signal.aborted`. */
  | { is: 'canceled' }
  /** A function of the project. `used`: its value decides something; `detached`: a promise that is not awaited here. */
  | { is: 'call'; to: FunctionId; parts: readonly Expression[]; used: boolean; detached: boolean }
  /** Actions are handed to where they cannot be followed. */
  | { is: 'escape'; parts: readonly Expression[] }
  /** It does not come back. */
  | { is: 'never'; parts: readonly Expression[] }

export type Statement =
  | { is: 'evaluate'; expression: Expression }
  | { is: 'declare'; fact: Fact; value: Expression | undefined }
  | { is: 'if'; test: Expression; ifTrue: readonly Statement[]; ifFalse: readonly Statement[]; place: Place }
  | { is: 'switch'; subject: Expression; cases: readonly Case[]; exhaustive: boolean; place: Place; label: Label }
  | { is: 'loop'; loop: Loop }
  | { is: 'try'; body: readonly Statement[]; catch: Catch | undefined; finally: readonly Statement[] }
  | { is: 'return'; value: Expression | undefined; place: Place }
  | { is: 'throw'; value: Expression }
  | { is: 'break' | 'continue'; label: Label }
  | { is: 'block'; body: readonly Statement[]; label: Label }

type Label = string | undefined

export interface Catch {
  body: readonly Statement[]
  place: Place
}

export interface Case {
  /** `undefined`: default. */
  test: Expression | undefined
  body: readonly Statement[]
  place: Place
}

export interface Loop {
  /** `undefined`: as often as there are elements. */
  test: Expression | undefined
  body: readonly Statement[]
  update: Expression | undefined
  /** `do … while`. */
  bodyFirst: boolean
  place: Place
  label: string | undefined
}

/** A function of the project, or a handler. */
export interface Routine {
  id: FunctionId
  name: string
  place: Place
  /** Its parameters that are plain names, by position, and the variables it declares. */
  parameters: readonly (Fact | undefined)[]
  variables: readonly Fact[]
  body: readonly Statement[]
  /** Whether it, or one that it calls, acts or touches what a path is judged by. */
  matters: boolean
  /** Whether it does no more than answer a question about the request. */
  tells: boolean
}

/** A declaration at the top of a file, or a handler: what names what. */
export interface Unit {
  id: number
  name: string
  place: Place
  /** Units that it names, whatever it does with them. */
  names: ReadonlySet<number>
  /** Every action that stands in it, in order. */
  actions: readonly Action[]
}

export type HandlerKind = ArmedKind | 'request' | 'inDialog' | 'local' | 'event' | 'load' | 'dispose'

/** What registers a handler; of those that are armed, the option that does so is called the same. */
export const registrars: Readonly<Record<HandlerKind, string>> = {
  request: 'onRequest',
  inDialog: 'onInDialog',
  branch: 'onBranch',
  reply: 'onReply',
  branchFailure: 'onBranchFailure',
  failure: 'onFailure',
  local: 'onLocal',
  event: 'onEvent',
  load: 'onLoad',
  dispose: 'onDispose',
}

/** A registration such as `onFailure('X', handler)`. */
export interface Handler {
  kind: HandlerKind
  /** `''` without one; `undefined` when it is computed. */
  name: string | undefined
  place: Place
  unit: number
  /** The unit in which it is registered; `undefined`: at the top of a file. */
  within: number | undefined
  /** It is registered in what a timer or a promise calls. */
  deferred: boolean
  /** `undefined`: it cannot be found, being made by a function for instance. */
  routine: Routine | undefined
}

export interface Model {
  handlers: readonly Handler[]
  routines: ReadonlyMap<FunctionId, Routine>
  units: ReadonlyMap<number, Unit>
  /** Units that run, or are named, when the routes are loaded. */
  atTop: ReadonlySet<number>
  /** Those that run then, or may: of functions only those that are named there. */
  atLoad: ReadonlySet<number>
  /** No `onRequest` is registered, and nobody else can register one. */
  lacksRequest: boolean
  /** The top of the route file. */
  top: Place
  /** Facts that more than one place asks for. */
  asked: ReadonlySet<Fact>
  /** Variables that hold what a function of the project, or `uac.auth`, returned. */
  results: ReadonlySet<Fact>
  floating: readonly { place: Place; what: string }[]
  secrets: readonly { place: Place; key: string }[]
  /** Names of routes that stand somewhere beside their registration. */
  mentioned: ReadonlySet<string>
  /** How a place reads, on one line. */
  textOf: (place: Place) => string
}
