/**
 * `uac.replaceFrom`, `replaceTo`, `restoreFrom`, `restoreTo`: what they are given is looked at here, and noted on the request of the route's
 * context. It is put into what leaves in `identity/`.
 */
import type { Identity, UacReplace, UacRestore, UriLike } from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'
import { headerOf, nameAddrOf } from '../identity/surgery.ts'
import { apart, toBytes, toUnicode } from '../message/chars.ts'
import type { Message } from '../message/message.ts'
import type { Party, Replacement } from '../message/replaced.ts'
import { Uri } from '../message/uri.ts'
import type { ContextCall, Helping } from './context.ts'

/** In bytes, of a URI and of a display name: what is replaced travels in every later request. */
const MAX_LENGTH = 1024

const headerName: Record<Party, string> = { from: 'From', to: 'To' }

export function replaceHelper({ call, run, req }: Helping, party: Party): UacReplace['replaceFrom'] {
  const helper = (identity: Identity | UriLike): void => {
    replace(call, req.message, party, identity)
    run.note(`uac.replace${headerName[party]}()`, helper)
  }
  return helper
}

export function restoreHelper({ call, run, req }: Helping, party: Party): UacRestore['restoreFrom'] {
  const helper = (): boolean => {
    const { proxy, arrival } = call.transaction
    const result = proxy.identities.restore(req.message, party, arrival.routeUris)
    run.note(`uac.restore${headerName[party]}() → ${result}`, helper)
    return result
  }
  return helper
}

function replace(call: ContextCall, request: Message, party: Party, identity: Identity | UriLike): void {
  const change = changeOf(identity)
  const { transaction } = call
  if (change.uri !== undefined && transaction.inDialog && transaction.proxy.identities.mode === 'auto') {
    throw new SignalboxError(
      'DIALOG_IDENTITY',
      `the URI of ${headerName[party]} stays for the whole dialog (uac.restoreMode: 'auto')`,
    )
  }
  const { replaced } = request
  request.replaced = { ...replaced, [party]: { ...replaced?.[party], ...change, ...saved(call, request, party) } }
}

/** Kamailio's restore_*_avp: the original is put there, and what replies restore is read from there. */
function saved({ generation, vars }: ContextCall, request: Message, party: Party): Pick<Replacement, 'saved'> {
  const name = generation.settings.uac.restoreVars?.[party]
  if (name === undefined) return {}
  const store = vars as Record<string, unknown>
  store[name] ??= apart(toUnicode(nameAddrOf(request.value(headerOf[party]) ?? '') ?? ''))
  return { saved: () => (typeof store[name] === 'string' ? store[name] : undefined) }
}

function changeOf(identity: Identity | UriLike): Pick<Replacement, 'display' | 'uri'> {
  const { display, uri } = isIdentity(identity) ? identity : { uri: identity }
  return {
    ...(display !== undefined && { display: displayBytes(display) }),
    ...(uri !== undefined && uri !== '' && { uri: uriBytes(uri) }),
  }
}

/** A `Uri` may come from another copy of the dsl's types: it is known by what it has. */
function isIdentity(value: Identity | UriLike): value is Identity {
  return typeof value === 'object' && value !== null && !('scheme' in value)
}

function uriBytes(value: UriLike): string {
  const { bytes, headers } = Uri.from(value)
  // RFC 3261 §19.1.1: header components have no place in From or To.
  if (headers !== '') throw new SignalboxError('BAD_URI', `headers in a From or To: ${JSON.stringify(bytes)}`)
  if (bytes.length <= MAX_LENGTH) return bytes
  throw new SignalboxError(
    'BAD_URI',
    `a URI of ${bytes.length} bytes is too long for From or To: at most ${MAX_LENGTH}`,
  )
}

function displayBytes(display: string): string {
  const bytes = toBytes(display)
  // RFC 3261 §25.1: no control character but a tab belongs into a quoted string.
  // eslint-disable-next-line no-control-regex
  if (typeof display !== 'string' || /[\x00-\x08\x0a-\x1f\x7f]/.test(bytes)) {
    throw new SignalboxError('BAD_HEADER', `the display name would break the header: ${JSON.stringify(display)}`)
  }
  if (bytes.length <= MAX_LENGTH) return bytes
  throw new SignalboxError('BAD_HEADER', `a display name of ${bytes.length} bytes is too long: at most ${MAX_LENGTH}`)
}
