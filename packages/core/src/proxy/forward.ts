/**
 * RFC 3261 §16.6: the request that goes to one target, made from the request as the route left it. Steps 1 to 9 as one list; step 10,
 * sending, is `branch.ts`, and step 11 too.
 */
import type { Identities } from '../identity/identities.ts'
import { Address } from '../message/address.ts'
import { flat, numberAt } from '../message/chars.ts'
import { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Carried } from '../message/replaced.ts'
import { asRequestUri } from '../message/request-uri.ts'
import type { Uri } from '../message/uri.ts'
import type { Flow } from '../transport/flow.ts'
import { raised, recordRoute } from './record-route.ts'

/** Where a branch goes. */
export interface Target {
  /** The Request-URI on this branch; undefined leaves what the route left. */
  readonly requestUri?: Uri
  /** The next hop; undefined: the first Route, else the Request-URI. */
  readonly nextHop?: Uri
}

export interface Outgoing {
  readonly branchId: string
  readonly flow: Flow
  /** Set where our Record-Route goes in: where the request came from. */
  readonly recordRoute?: Flow | undefined
  /** How far the CSeq is raised. */
  readonly shift: number
  /** RFC 5393: the Max-Breadth to write; undefined leaves what came. */
  readonly breadth?: number | undefined
  /** Needed where the request has a replaced From or To. */
  readonly identities?: Identities
}

/** RFC 3261 §16.6 step 7: the URI that says where to send. */
export function nextHopOf(request: Message, target: Target): Uri | undefined {
  if (target.nextHop !== undefined) return target.nextHop
  const route = request.has(H.Route) ? request.address(H.Route) : undefined
  if (route !== undefined) return route.isValid ? route.uri : undefined
  return target.requestUri ?? request.uri
}

/** `request` stays as it is: the copy is changed. */
export function forwardedRequest(request: Message, target: Target, out: Outgoing): Message {
  const copy = request.clone() // step 1
  const sentBy = out.flow.local.sentBy(out.flow.address)
  if (target.requestUri !== undefined) copy.requestUri = target.requestUri.bytes // step 2
  countDown(copy) // step 3
  const carried = copy.replaced && out.identities?.leave(copy, out.recordRoute !== undefined) // step 5: From and To
  if (out.recordRoute !== undefined) addRecordRoute(copy, sentBy, { out, source: out.recordRoute, carried }) // step 4
  if (out.breadth !== undefined) copy.put(H.MaxBreadth, String(out.breadth)) // step 5
  if (out.shift !== 0) {
    const { number, method } = request.cseq!
    copy.put(H.CSeq, raised(number, out.shift) + ' ' + method) // step 5: uac.auth's part of it
  }
  strictRouting(copy, target) // step 6
  copy.prepend(Field.make(H.Via, viaOf(out.flow, out.branchId, sentBy))) // step 8
  return copy
}

interface RecordRouting {
  readonly out: Outgoing
  /** Where the request came from. */
  readonly source: Flow
  readonly carried: Carried | undefined
}

/**
 * RFC 3261 §16.6 step 4. Where the request leaves by another socket than it came in on, both are named (RFC 5658): each side then sends to
 * the one it can reach.
 */
function addRecordRoute(request: Message, sentBy: string, { out, source, carried }: RecordRouting): void {
  const { flow, shift } = out
  if (source.local !== flow.local) {
    const theirs = source.local.sentBy(source.address)
    request.prependValue(H.RecordRoute, recordRoute(theirs, 0, request.fromTag, carried))
  }
  if (shift !== 0 || carried !== undefined) {
    request.prependValue(H.RecordRoute, recordRoute(sentBy, shift, request.fromTag, carried))
    return
  }
  if (sentBy !== bareRoute.sentBy)
    bareRoute = { sentBy, field: Field.make(H.RecordRoute, recordRoute(sentBy, 0, '')).apart() }
  request.prepend(bareRoute.field)
}

/** The Record-Route written last that says no more than where: the next one most often says the same. */
let bareRoute = { sentBy: '', field: Field.make(H.RecordRoute, '') }

/** RFC 3261 §16.6 step 3. */
function countDown(request: Message): void {
  const value = request.value(H.MaxForwards)
  request.put(H.MaxForwards, value === undefined ? '70' : String(numberAt(value)! - 1))
}

/** RFC 3261 §16.6 step 6: a next hop without `lr` expects itself in the Request-URI and the rest in Route. */
export function strictRouting(request: Message, target: Target): void {
  if (target.nextHop !== undefined || !request.has(H.Route)) return
  const route: Address | undefined = request.address(H.Route)
  if (route === undefined || !route.isValid || route.uri.param('lr') !== undefined) return
  request.removeFirstValue(H.Route)
  request.append(Field.make(H.Route, '<' + request.requestUri + '>'))
  request.requestUri = asRequestUri(route.uri).bytes
}

/** RFC 3261 §16.6 step 8; `rport` asks for the answer where we sent from (RFC 3581 §3). */
export function viaOf({ local, address }: Flow, branch: string, sentBy = local.sentBy(address)): string {
  const { transport } = local
  if (sentBy !== viaStart.sentBy || transport !== viaStart.transport)
    viaStart = { transport, sentBy, text: flat('SIP/2.0/' + transport.toUpperCase() + ' ' + sentBy + ';branch=') }
  return viaStart.text + branch + ';rport'
}

/** What the Via written last began with: the next one most often does, too. */
let viaStart = { transport: '', sentBy: '', text: '' }
