/**
 * A request of our own (RFC 3261 §8.1.1), made from what a route asked for: everything but Via and a Contact of ours, which depend on where it
 * goes. What would break the message, or belongs to the core, is refused here, before anything is sent.
 */
import type { SendOptions, UriLike } from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'
import { Address } from '../message/address.ts'
import { isDigits, isToken, toBytes } from '../message/chars.ts'
import { MAX_CSEQ } from '../message/cseq.ts'
import { Field } from '../message/field.ts'
import { canonicalName, H, isSingle, type HeaderId } from '../message/header-names.ts'
import { madeField } from '../message/headers.ts'
import { Message } from '../message/message.ts'
import { asRequestUri } from '../message/request-uri.ts'
import { Uri } from '../message/uri.ts'
import { partyBytes } from './party.ts'

/** What makes the names that a request is told apart by. */
export interface Names {
  tag(): string
  callId(): string
}

/** Throws `BAD_URI`, `BAD_HEADER`, `CORE_HEADER`, `BAD_TARGET` or `BAD_REQUEST`. */
export function composeRequest(options: SendOptions, names: Names): Message {
  const { method, headers = {}, body = '', callId } = options
  refuseMethod(method)
  const requestUri = requestUriOf(options.ruri)
  refuseOtherKinds(headers, body)
  const given = Object.entries(headers).flatMap(([name, value]) => fieldsOf(name, value))
  refuseRepeated(given)
  const request = Message.request(method, requestUri.bytes)
  const add = (id: HeaderId, value: string): void => request.append(Field.make(id, value))
  if (!given.some(({ id }) => id === H.MaxForwards)) add(H.MaxForwards, '70')
  add(
    H.From,
    partyBytes(options.from ?? requestUri, 'from', () => names.tag()),
  )
  add(H.To, partyBytes(options.to ?? requestUri, 'to'))
  add(H.CallId, callId === undefined ? names.callId() : callIdBytes(callId))
  add(H.CSeq, cseqNumber(options.cseq ?? 1) + ' ' + method)
  for (const field of given) request.append(field)
  request.body = typeof body === 'string' ? toBytes(body) : Buffer.from(body).toString('latin1')
  request.nextHop = nextHopUri(options.via, requestUri, request)
  return request
}

/** A program in JavaScript may hand in anything: what a template took from an empty column, say. */
function refuseOtherKinds(headers: unknown, body: unknown): void {
  if (typeof headers !== 'object' || headers === null) throw new SignalboxError('BAD_REQUEST', 'headers are no object')
  for (const [name, value] of Object.entries(headers)) {
    const values: unknown[] = Array.isArray(value) ? value : [value]
    if (values.some((each) => typeof each !== 'string'))
      throw new SignalboxError('BAD_HEADER', `the value of ${JSON.stringify(name)} is no string`)
  }
  if (typeof body !== 'string' && !(body instanceof Uint8Array))
    throw new SignalboxError('BAD_REQUEST', 'a body is a string or bytes')
}

/** ACK and CANCEL have no answer to wait for; they are made where there is something to acknowledge or to cancel. */
function refuseMethod(method: string): void {
  if (typeof method !== 'string' || !isToken(method)) {
    throw new SignalboxError('BAD_REQUEST', `not a method: ${JSON.stringify(method)}`)
  }
  if (method === 'ACK' || method === 'CANCEL') {
    throw new SignalboxError('BAD_REQUEST', `${method} is no request of its own: the core sends it with its INVITE`)
  }
}

/** RFC 3261 §19.1.1: a Request-URI has no header components. */
function requestUriOf(ruri: UriLike): Uri {
  const uri = Uri.from(ruri)
  if (uri.headers !== '') throw new SignalboxError('BAD_URI', `headers in a Request-URI: ${uri.toString()}`)
  return asRequestUri(uri)
}

function nextHopUri(via: UriLike | undefined, requestUri: Uri, request: Message): Uri | undefined {
  if (via === undefined && (requestUri.host !== '' || request.has(H.Route))) return undefined
  const uri = via === undefined ? requestUri : Uri.from(via)
  if (uri.host === '') throw new SignalboxError('BAD_TARGET', `${uri.toString()} names no host to send to: set via`)
  return uri
}

/** RFC 3261 §25.1: `callid = word [ "@" word ]`. */
function callIdBytes(callId: string): string {
  const bytes = toBytes(String(callId))
  if (/^[\w.!%*+`'~()<>:\\"/[\]?{}-]+(@[\w.!%*+`'~()<>:\\"/[\]?{}-]+)?$/.test(bytes)) return bytes
  throw new SignalboxError('BAD_REQUEST', `not a Call-ID: ${JSON.stringify(callId)}`)
}

/** With room to be raised when a challenge is answered (RFC 3261 §8.1.3.5). */
function cseqNumber(cseq: number): number {
  if (Number.isInteger(cseq) && cseq >= 0 && cseq < MAX_CSEQ - 10) return cseq
  throw new SignalboxError('BAD_REQUEST', `not a CSeq number: ${String(cseq)}`)
}

/** Headers that may not be given, and what to use instead. */
const instead: Record<HeaderId, string> = {
  [H.Via]: 'the core writes it',
  [H.From]: 'use from',
  [H.To]: 'use to',
  [H.CallId]: 'use callId',
  [H.CSeq]: 'use cseq',
  [H.RecordRoute]: 'it is for proxies on the way',
  [H.ContentLength]: 'it follows from the body',
}

function fieldsOf(name: string, value: string | readonly string[]): Field[] {
  const fields = (typeof value === 'object' ? value : [value]).map((each) => madeField(name, each))
  for (const field of fields) {
    const hint = instead[field.id]
    if (hint !== undefined) {
      throw new SignalboxError('CORE_HEADER', `${canonicalName[field.id]!} belongs to the core: ${hint}`)
    }
    refuseUnreadable(field)
  }
  return fields
}

/** What the core itself reads on the way. */
function refuseUnreadable({ id, value }: Field): void {
  if (id === H.MaxForwards && (!isDigits(value) || Number(value) > 255)) {
    throw new SignalboxError('BAD_HEADER', `Max-Forwards is a number up to 255: ${JSON.stringify(value)}`)
  }
  if (id === H.Route && Address.parse(value)?.isValid !== true) {
    throw new SignalboxError('BAD_HEADER', `not a Route: ${JSON.stringify(value)}`)
  }
}

function refuseRepeated(fields: readonly Field[]): void {
  for (const [at, { id }] of fields.entries()) {
    if (isSingle[id] && fields.findIndex((field) => field.id === id) < at) {
      throw new SignalboxError('BAD_HEADER', `${canonicalName[id]!} stands once in a message`)
    }
  }
}

/** Whether a request of this method, outside a dialog or within, says where its later requests are to go (RFC 3261 §8.1.1.8). */
export function needsContact(request: Message): boolean {
  return contactMethods.has(request.method) && !request.has(H.Contact)
}

const contactMethods = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'UPDATE', 'NOTIFY'])
