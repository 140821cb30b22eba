/** The functions a route file calls at its top level. They only register; nothing runs before the bundle is live. */
import type { FailureContext, InDialogContext, RequestContext } from './context.ts'
import type { RouteHandle } from './handle.ts'
import { register, type Handler } from './table.ts'

/**
 * Routes each request outside a dialog. One per bundle.
 *
 * @example
 * onRequest(({ req, relay }) => relay({ to: 'sip:gw.example' }))
 *
 * The core has absorbed retransmissions, answered Max-Forwards 0, matched CANCEL and ACK, and answered an INVITE with 100.
 * A handler that ends without an action, or throws before one, answers 500.
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
): RouteHandle<'failure'> & { readonly name: Name } {
  return register('failure', name, handler) as RouteHandle<'failure'> & { readonly name: Name }
}
