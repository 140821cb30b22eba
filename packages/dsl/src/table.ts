/**
 * The table that a bundle leaves behind: plain data and the user's functions. The core reads it after evaluating the
 * bundle, matching on `kind` and `version`, since each bundle carries its own copy of this module.
 */
import type {
  BranchContext,
  BranchFailureContext,
  FailureContext,
  InDialogContext,
  ReplyContext,
  RequestContext,
} from './context.ts'
import type { RouteHandle, RouteKind } from './handle.ts'
import type { DisposeContext, Events, LoadContext, LocalContext } from './own.ts'

export type { RouteKind } from './handle.ts'

/** A route: a function of its context. `await` continues where it stopped, with nothing else blocked. */
export type Handler<Context> = (call: Context) => void | Promise<void>

/** What each kind of route is given. */
export interface ContextOf extends Record<RouteKind, unknown> {
  request: RequestContext
  inDialog: InDialogContext
  branch: BranchContext
  reply: ReplyContext
  branchFailure: BranchFailureContext
  failure: FailureContext
  local: LocalContext
  event: Events[keyof Events]
  load: LoadContext
  dispose: DisposeContext
}

/** One registered handler. */
export interface RouteEntry<Kind extends RouteKind = RouteKind> {
  readonly kind: Kind
  /** `''` for the kinds that have one route without a name. */
  readonly name: string
  readonly handler: Handler<ContextOf[Kind]>
  /** The stack of the registration, to say where it stands. */
  readonly stack: string
}

/** What a bundle leaves behind; `version` is that of its form. */
export interface RouteTable {
  readonly version: 1
  readonly entries: RouteEntry[]
}

/** The routes registered by this copy of the module. */
export const table: RouteTable = { version: 1, entries: [] }

/** Puts a route into the table of this bundle, as `onRequest` and the others do. */
export function register<Kind extends RouteKind>(
  kind: Kind,
  name: string,
  handler: Handler<ContextOf[Kind]>,
): RouteHandle<Kind> {
  table.entries.push({ kind, name, handler, stack: new Error('registered here').stack ?? '' } as RouteEntry)
  return { kind, name }
}
