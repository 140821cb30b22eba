/** What `relay` was asked for, as the proxy's branches. Throws where an option cannot be used; nothing is sent then. */
import type { ForkOptions, RelayOptions, Target as TargetOption, UriLike } from '@signalbox/dsl'
import { parseDuration } from '../config/duration.ts'
import { SignalboxError } from '../errors.ts'
import { apart } from '../message/chars.ts'
import type { Message } from '../message/message.ts'
import { asRequestUri } from '../message/request-uri.ts'
import { canonicalHost, Uri } from '../message/uri.ts'
import type { BranchPlan, BranchTimeouts } from '../proxy/branch.ts'
import type { ForwardPlan } from '../proxy/proxy-transaction.ts'
import type { Target } from '../proxy/forward.ts'

export interface PlanBasis extends Pick<BranchPlan, 'routes' | 'auth' | 'credentials'> {
  /** The request as it stands now. It is copied: later edits are for later branches. */
  readonly request: Message
  /** `req.dstUri`. */
  readonly nextHop: Uri | undefined
  /** What `registrar.lookup()` found: the groups one after another. */
  readonly found?: readonly (readonly Target[])[] | undefined
  /** The CSeq offset that the dialog owes. */
  readonly shift: number
  readonly inDialog: boolean
  /** Timer C of the config, in milliseconds. */
  readonly timerC: number
  /** How many targets one relay or fork may have. */
  readonly maxBranches: number
}

/** One target after another. */
export function planRelay(options: RelayOptions, basis: PlanBasis): ForwardPlan {
  const shared = sharedPlan(options, basis)
  const groups = (options.to === undefined && basis.found) || targetsOf(options.to, basis).map((target) => [target])
  return plans(groups, shared)
}

/** All targets at once. */
export function planFork(targets: readonly TargetOption[], options: ForkOptions, basis: PlanBasis): ForwardPlan {
  if (targets.length === 0) throw new SignalboxError('BAD_TARGET', 'fork([]) names no target')
  refuseCrowd(targets, basis)
  const shared = sharedPlan(options, basis)
  return plans([targets.map(targetOf)], shared)
}

/** RFC 3261 §16.5: whoever is in the target set already is not added again. */
function plans(groups: readonly (readonly Target[])[], shared: Omit<BranchPlan, 'target'>): ForwardPlan {
  if (groups.length === 1 && groups[0]!.length === 1) return [[branchPlan(shared, groups[0]![0]!)]]
  const asked = shared.request.uri
  const set: Target[] = []
  const added = groups.map((group) => {
    const news: BranchPlan[] = []
    for (const target of group) {
      if (set.some((other) => isSame(target, other, asked))) continue
      set.push(target)
      news.push(branchPlan(shared, target))
    }
    return news
  })
  return added.filter(({ length }) => length > 0)
}

/** `asked` is the Request-URI of those that have none of their own. */
function isSame(a: Target, b: Target, asked: Uri | undefined): boolean {
  return sameUri(a.requestUri ?? asked, b.requestUri ?? asked) && sameHop(a.nextHop, b.nextHop)
}

function sameUri(a: Uri | undefined, b: Uri | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.equals(b))
}

/** By what says where it is sent: the rest of a next hop is in no message. */
function sameHop(a: Uri | undefined, b: Uri | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  const isSamePlace = a.scheme === b.scheme && canonicalHost(a.host) === canonicalHost(b.host) && a.port === b.port
  return isSamePlace && ['transport', 'maddr'].every((name) => a.param(name) === b.param(name))
}

/** Key by key: plans of one shape are read fast, and those that a spread makes have none in common. */
function branchPlan(shared: Omit<BranchPlan, 'target'>, target: Target): BranchPlan {
  const { request, recordRoute, timeouts, shift, answers, routes, auth, credentials } = shared
  return { request, target, recordRoute, timeouts, shift, answers, routes, auth, credentials }
}

function sharedPlan(options: ForkOptions, basis: PlanBasis): Omit<BranchPlan, 'target'> {
  const request = basis.request.clone()
  return {
    request,
    recordRoute: options.recordRoute ?? (!basis.inDialog && formsDialog(request.method)),
    timeouts: timeoutsOf(options, { final: basis.timerC }),
    shift: basis.shift,
    answers: [],
    routes: basis.routes,
    auth: basis.auth,
    credentials: basis.credentials,
  }
}

function targetsOf(to: RelayOptions['to'], basis: PlanBasis): Target[] {
  const { nextHop } = basis
  if (to === undefined) return [nextHop === undefined ? {} : { nextHop }]
  if (!Array.isArray(to)) return [targetOf(to as TargetOption)]
  const list = to as readonly TargetOption[]
  if (list.length === 0) throw new SignalboxError('BAD_TARGET', 'relay({ to: [] }) names no target')
  refuseCrowd(list, basis)
  return list.map(targetOf)
}

function refuseCrowd({ length }: readonly TargetOption[], { maxBranches }: PlanBasis): void {
  if (length <= maxBranches) return
  const text = `${length} targets are more than the ${maxBranches} that limits.branches allows`
  throw new SignalboxError('BAD_TARGET', text)
}

function targetOf(option: TargetOption): Target {
  if (!isOwnRequestUri(option)) return { nextHop: knownHop(option) }
  // Only where it is sent must name a host: a tel: URI may go to a gateway.
  if (option.to !== undefined) return { requestUri: asRequestUri(Uri.from(option.ruri)), nextHop: knownHop(option.to) }
  const requestUri = asRequestUri(hop(option.ruri))
  return { requestUri, nextHop: requestUri }
}

function isOwnRequestUri(option: TargetOption): option is { ruri: UriLike; to?: UriLike } {
  return typeof option === 'object' && 'ruri' in option
}

/** Those that routes name again and again, read once. Bounded, since a route may make one of what came from the network. */
const hops = new Map<string, Uri>()
const HOPS_KEPT = 64

function knownHop(value: UriLike): Uri {
  if (typeof value !== 'string') return hop(value)
  const known = hops.get(value)
  if (known !== undefined) return known
  // In memory of its own: it may be a piece of a datagram.
  const text = apart(value)
  const uri = hop(text)
  if (hops.size === HOPS_KEPT) hops.clear()
  hops.set(text, uri)
  return uri
}

function hop(value: UriLike): Uri {
  const uri = Uri.from(value)
  if (uri.host === '') throw new SignalboxError('BAD_TARGET', `${uri.toString()} names no host to send to`)
  return uri
}

/** RFC 3261 §12.1, RFC 3515, RFC 6665: methods whose answer can form a dialog. */
function formsDialog(method: string): boolean {
  return method === 'INVITE' || method === 'SUBSCRIBE' || method === 'REFER'
}

/** `otherwise` is what counts where the options name nothing. */
export function timeoutsOf({ timeouts }: ForkOptions, otherwise: BranchTimeouts): BranchTimeouts {
  if (timeouts === undefined) return otherwise
  const { provisional, final } = timeouts
  return {
    ...otherwise,
    ...(provisional !== undefined && { provisional: parseDuration(provisional) }),
    ...(final !== undefined && { final: parseDuration(final) }),
  }
}
