/** RFC 3261 §16.4: takes our own Route values off a request and undoes what a strict router did to it. */
import { Address } from '../message/address.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { asRequestUri } from '../message/request-uri.ts'
import type { OwnAddresses } from './own-addresses.ts'
import { offsetAlone, shiftOf } from './record-route.ts'

export interface RouteInformation {
  /** Whether a Route of ours stood on top: the request follows a dialog that we record-routed, or was sent through us. */
  readonly ours: boolean
  /** How far its CSeq is to be raised on the way on. */
  readonly shift: number
  /** The URIs of our Routes that say more than `lr` and the offset, topmost first: those that `identity/` may find something in. */
  readonly uris: readonly string[]
}

const nothing: readonly string[] = []
const none: RouteInformation = { ours: false, shift: 0, uris: nothing }

/** Changes `request`. Values that are no address stop the search: the next hop will say what it thinks of them. */
export function takeOwnRoutes(request: Message, own: OwnAddresses): RouteInformation {
  const strict = undoStrictRouting(request, own)
  forgetOwnMaddr(request, own)
  bareRequestUri(request)
  let found: RouteInformation = strict ?? none
  for (;;) {
    const value = request.value(H.Route)
    if (value === undefined) return found
    const uri = own.ownRoute(value) ?? readOwnRoute(request, own)
    if (uri === undefined) return found
    found = withUri(found, uri, request.fromTag)
    request.removeFirstValue(H.Route)
  }
}

/** Whether a Route of ours is left: the request is to pass through here again. */
export function comesBack(request: Message, own: OwnAddresses): boolean {
  return request.values(H.Route).some((value) => {
    const route = Address.parse(value)
    return route?.isValid === true && own.has(route.uri)
  })
}

function readOwnRoute(request: Message, own: OwnAddresses): string | undefined {
  const route = request.address(H.Route)
  return route !== undefined && route.isValid && own.has(route.uri) ? route.uriBytes : undefined
}

/** A `maddr` that brought the request here has done its work: it goes, and with it the port and transport that were ours. */
function forgetOwnMaddr(request: Message, own: OwnAddresses): void {
  const { uri } = request
  if (uri === undefined || !own.hasMaddr(uri)) return
  request.requestUri = uri.with({ port: null, params: { maddr: null, transport: null } }).bytes
}

/** RFC 3261 §16.6 step 2, for who is sent to as it was asked for. */
function bareRequestUri(request: Message): void {
  const { uri } = request
  const bare = uri && asRequestUri(uri)
  if (bare !== undefined && bare !== uri) request.requestUri = bare.bytes
}

/** A strict router put our Record-Route into the Request-URI: the real one is the last Route value. */
function undoStrictRouting(request: Message, own: OwnAddresses): RouteInformation | undefined {
  const { uri } = request
  // With a user in it, it is somebody's address: no Record-Route of ours has one.
  if (uri === undefined || uri.param('lr') === undefined || uri.user !== '' || !own.has(uri)) return undefined
  const routes = request.values(H.Route)
  const last = Address.parse(routes.at(-1) ?? '')
  if (last === undefined || !last.isValid) return undefined
  const ours = Address.parse('<' + request.requestUri + '>')!
  request.requestUri = last.uriBytes
  request.remove(H.Route)
  for (const route of routes.slice(0, -1).reverse()) request.prependValue(H.Route, route)
  return withUri(none, ours.uriBytes, request.fromTag)
}

/** Each pass through here says what it raised; of a double Record-Route only one does. */
function withUri({ shift, uris }: RouteInformation, uri: string, fromTag: string): RouteInformation {
  const offset = offsetAlone(uri, fromTag)
  if (offset !== undefined) return { ours: true, shift: shift + offset, uris }
  return { ours: true, shift: shift + shiftOf(uri, fromTag), uris: [...uris, uri] }
}
