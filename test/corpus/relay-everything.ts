/** Sends everything on: what the callee sends to the caller, all else to the callee. */
import { onInDialog, onRequest, type CallContext, type Relay } from '@signalbox/dsl'

const { CORPUS_CALLER = '', CORPUS_CALLEE = '' } = process.env

function pass({ req, relay }: CallContext & { relay: Relay }): void {
  relay({ to: CORPUS_CALLEE.endsWith(`:${req.source.port}`) ? CORPUS_CALLER : CORPUS_CALLEE })
}

onRequest(pass)
onInDialog(pass)
