/** The functions a route file calls at its top level. They only register; nothing runs before the bundle is live. */
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
import { register, type ContextOf, type Handler } from './table.ts'

/**
 * Routes each request outside a dialog. One per bundle.
 *
 * @example
 * onRequest(({ req, relay }) => relay({ to: 'sip:gw.example' }))
 *
 * The core has absorbed retransmissions, answered Max-Forwards 0, matched CANCEL and ACK, and answered an INVITE with 100.
 * A handler that ends without an action, or throws before one, answers 500. This and the functions below register while the routes are loaded: called later, in a
 * handler or by a timer, they throw `LATE_ROUTE`.
 */
export function onRequest(handler: Handler<RequestContext>): void {
  register('request', '', handler)
}

/**
 * Sees each request within a dialog, except ACK, before the core loose-routes it (RFC 3261 §16.12). One per bundle.
 *
 * @example
 * onInDialog(({ relay }) => relay({ onFailure: 'TRUNKAUTH' }))
 *
 * Ending without an action means it only watched: with a Route of ours the core relays, without one it answers 481.
 */
export function onInDialog(handler: Handler<InDialogContext>): void {
  register('inDialog', '', handler)
}

/**
 * Changes one branch before it leaves: runs once per branch of a relay or fork that names it.
 *
 * @example
 * onBranch('STAMP', ({ req }) => req.headers.set('X-Branch', req.ruri.host))
 *
 * On the wire: the edits are on this branch alone, its CANCEL and ACK, and on its retry after a challenge, for which it runs again.
 */
export function onBranch<const Name extends string>(
  name: Name,
  handler: Handler<BranchContext>,
): Named<'branch', Name> {
  return named('branch', name, handler)
}

/**
 * Sees replies from downstream before they go upstream, never a 100. Without a name: of every transaction; one per bundle.
 *
 * @example
 * onReply(({ res, log }) => log.info(`downstream said ${res.status}`))
 * onReply('HIDE', ({ res }) => void res.headers.delete('Server'))
 *
 * Replies of one transaction go upstream in the order they came, also while a handler awaits.
 */
export function onReply(handler: Handler<ReplyContext>): void
export function onReply<const Name extends string>(name: Name, handler: Handler<ReplyContext>): Named<'reply', Name>
export function onReply<const Name extends string>(
  nameOrHandler: Name | Handler<ReplyContext>,
  handler?: Handler<ReplyContext>,
): Named<'reply', Name> | void {
  if (typeof nameOrHandler === 'function') register('reply', '', nameOrHandler)
  else return named('reply', nameOrHandler, handler!)
}

/**
 * Acts as soon as one branch has failed, while others may go on.
 *
 * @example
 * onBranchFailure('ANSWER', ({ uac, relay }) => {
 *   if (uac.auth()) relay()
 * })
 *
 * Ending without an action lets the branch's answer count for the choice of the best one.
 */
export function onBranchFailure<const Name extends string>(
  name: Name,
  handler: Handler<BranchFailureContext>,
): Named<'branchFailure', Name> {
  return named('branchFailure', name, handler)
}

/**
 * Decides what happens when the transaction that armed it has its best non-2xx answer, or timed out.
 *
 * @example
 * onFailure('TRUNKAUTH', ({ res, uac, relay }) => {
 *   if (res.status === 407 && uac.auth()) relay()
 * })
 *
 * One shot: a relay from here arms only what its own options name, except `relay()` after `uac.auth()` returned true, which is the
 * challenged branch once more. Ending without an action sends the answer upstream.
 */
export function onFailure<const Name extends string>(
  name: Name,
  handler: Handler<FailureContext>,
): Named<'failure', Name> {
  return named('failure', name, handler)
}

/**
 * Changes or drops each request that the proxy originates itself, before it leaves: those of `uac.send` and their repeat with credentials. Not
 * CANCEL and ACK, nor the BYE to a call that nobody waits for any more, nor what `onLocal` itself sends. One per bundle.
 *
 * @example
 * onLocal(({ req }) => req.headers.set('User-Agent', 'switchboard'))
 *
 * On the wire: what it sets is on the request; a repeat begins from what `uac.send` was given and runs through it again, and its digest is over
 * what leaves (RFC 7616 §3.4.3, §3.4.6). Dropped, nothing is sent. One that throws leaves the request as it was.
 */
export function onLocal(handler: Handler<LocalContext>): void {
  register('local', '', handler)
}

/**
 * Hears of an event. One handler per event and bundle.
 *
 * @example
 * onEvent('uac:reply', ({ req, res, param, log }) => log.info(`${req.method} ${String(param)}: ${res.status}`))
 *
 * `uac:registration`: each change of a trunk's state. `uac:reply`: each final response to a `uac.send`, in their order, also the 401 or 407 that is answered next, and those made here. It
 * only watches: nothing waits for it.
 */
export function onEvent<const Name extends keyof Events>(name: Name, handler: Handler<Events[Name]>): void {
  // What the core hands it is of this name: the table knows no more than that it is one of them.
  register('event', name, handler as Handler<Events[keyof Events]>)
}

/**
 * Sets up what these routes need, once, before they go live. One per bundle.
 *
 * @example
 * onLoad(({ uac, data }) => {
 *   data.ping = setInterval(() => void uac.send({ method: 'OPTIONS', ruri: 'sip:gw.example' }), 30_000)
 * })
 *
 * Calls go to the routes before until it has ended; what those keep in their `data` is here as `previous`. A throw, or an await longer than
 * `handlers.deadline`, refuses the bundle: the proxy does not start, or what was live stays, `signal` is aborted and `data` dropped.
 */
export function onLoad(handler: Handler<LoadContext>): void {
  register('load', '', handler)
}

/**
 * Tears down what `onLoad` set up, when no transaction runs on these routes any more. One per bundle.
 *
 * @example
 * onDispose(({ data }) => clearInterval(data.ping as NodeJS.Timeout))
 *
 * The routes that replaced these are live by then: what they are to have still goes into `next`, their `data`. Afterwards `uac.send` from a
 * timer that was left running sends nothing and resolves with a 503 made here.
 */
export function onDispose(handler: Handler<DisposeContext>): void {
  register('dispose', '', handler)
}

/** A handle whose name is known to the compiler. */
export type Named<Kind extends RouteKind, Name extends string> = RouteHandle<Kind> & { readonly name: Name }

function named<Kind extends RouteKind, Name extends string>(
  kind: Kind,
  name: Name,
  handler: Handler<ContextOf[Kind]>,
): Named<Kind, Name> {
  return register(kind, name, handler) as Named<Kind, Name>
}
