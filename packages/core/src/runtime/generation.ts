/**
 * One loaded bundle of routes: its number, its hash, its handlers by kind and name, and how many transactions still run on it. The
 * checks on names are made here, before anything is live.
 */
import type { Events } from '@signalbox/dsl'
import type { ContextOf, Handler, RouteEntry, RouteKind } from '@signalbox/dsl/table'
import type { Bundle } from '../build/bundle.ts'
import { nearest } from '../config/nearest.ts'
import { SignalboxError, type Problem } from '../errors.ts'
import { armedNames, type ArmedName } from './armed-names.ts'
import { generationFile, loadBundle } from './load.ts'
import type { GenerationSettings, Incoming } from './settings.ts'
import type { StackMap } from './stack-map.ts'
import { UserTimers, type TimerHost } from './user-timers.ts'

export type GenerationState = 'live' | 'draining' | 'disposed'

/** Why a generation is not live any more: another was brought in, the one before was brought back, or the proxy stops. */
export type GenerationEnd = 'superseded' | 'rolled back' | 'stopped'

/** What `signalbox generations` shows. */
export interface GenerationInfo {
  readonly number: number
  readonly hash: string
  readonly state: GenerationState
  /** When it was loaded, ISO 8601. */
  readonly since: string
  /** How many transactions run on it. */
  readonly transactions: number
  /** How many dialogs are pinned to it. */
  readonly dialogs: number
  /** Not there while it is live. */
  readonly ended?: GenerationEnd
}

/** What logs say about a handler. */
export interface RouteInfo {
  readonly name: string
  /** `onFailure 'TRUNKAUTH'`. */
  readonly title: string
  /** Where it is registered: `routes/main.ts:8:1`. */
  readonly where: string
  /** How often it ran: `run.ts` looks closer while that is little. */
  runs: number
}

export interface Route<Kind extends RouteKind> extends RouteInfo {
  readonly kind: Kind
  readonly handler: Handler<ContextOf[Kind]>
}

type AnyRoute = { [Kind in RouteKind]: Route<Kind> }[RouteKind]

/** What a generation is made of. */
export interface Evaluated extends Required<Incoming> {
  /** Where it was found out already, it need not be once more: code takes longer to parse than to run. */
  readonly armed?: readonly ArmedName[]
}

export class Generation {
  readonly number: number
  readonly hash: string
  readonly bundle: Bundle
  readonly settings: GenerationSettings
  /** The names that the code arms. */
  readonly armed: readonly ArmedName[]
  readonly map: StackMap
  readonly request: Route<'request'>
  readonly inDialog: Route<'inDialog'> | undefined
  /** `onFailure 'TRUNKAUTH'`, of each. */
  readonly titles: readonly string[]
  readonly since = new Date()
  state: GenerationState = 'live'
  #ended: GenerationEnd | undefined
  /** The `onReply` without a name. */
  readonly reply: Route<'reply'> | undefined
  readonly local: Route<'local'> | undefined
  readonly load: Route<'load'> | undefined
  readonly dispose: Route<'dispose'> | undefined
  /** What `onLoad` leaves for `onDispose`, and for the generation that follows. */
  readonly data: Record<string, unknown> = {}
  /** Called once, when nothing runs on it any more; it is disposed when that has ended. */
  drained: () => Promise<void> | undefined = () => undefined
  #isDisposing = false
  /** Of its `onDispose`. */
  #ending: Promise<void> | undefined
  /** Those that have a name. They are few, so that looking through them is cheaper than a key for each look-up. */
  readonly #named: readonly AnyRoute[]
  #transactions = 0
  #dialogs = 0

  /** Undefined: the bundle's timers are Node's. */
  readonly #timers: UserTimers | undefined

  /** Throws what `Scratch` would refuse it for. Without `timers` the bundle's are Node's. */
  constructor(
    number: number,
    { bundle, settings, armed = armedNames(bundle.code) }: Evaluated,
    root: string,
    timers?: TimerHost,
  ) {
    this.number = number
    this.settings = settings
    this.armed = armed
    this.hash = bundle.hash
    this.bundle = bundle
    const timersWith = timers && ((map: StackMap): UserTimers => new UserTimers(timers, map))
    const loaded = loadBundle(bundle, generationFile(number), root, timersWith)
    const { entries, map } = loaded
    refuseLater(entries)
    this.map = map
    this.#timers = loaded.timers
    const routes = entries.map((entry) => this.#route(entry))
    refuseDuplicates(routes)
    this.titles = routes.map(({ title }) => title)
    this.inDialog = routes.find((route) => route.kind === 'inDialog')
    this.reply = routes.find((route) => route.kind === 'reply' && route.name === '') as Route<'reply'> | undefined
    this.local = routes.find((route) => route.kind === 'local')
    this.load = routes.find((route) => route.kind === 'load')
    this.dispose = routes.find((route) => route.kind === 'dispose')
    this.#named = routes.filter(({ name }) => name !== '')
    const request = routes.find((route) => route.kind === 'request')
    if (request === undefined) throw noRequestRoute()
    this.request = request
    this.#refuseUnknownNames()
  }

  /** The route of that kind and name. Throws `NO_ROUTE`, naming those there are. */
  named<Kind extends RouteKind>(kind: Kind, name: string): Route<Kind> {
    const route = this.#find(kind, name)
    if (route === undefined) throw new SignalboxError('NO_ROUTE', this.#noneNamed(kind, name))
    return route
  }

  /** The handler of that event, if there is one. */
  event(name: keyof Events): Route<'event'> | undefined {
    return this.#find('event', name)
  }

  #find<Kind extends RouteKind>(kind: Kind, name: string): Route<Kind> | undefined {
    return this.#named.find((route) => route.name === name && route.kind === kind) as Route<Kind> | undefined
  }

  #noneNamed(kind: RouteKind, name: string): string {
    const names = this.#namesOf(kind).map((each) => `'${each}'`)
    const list = names.length === 0 ? 'there is none' : `there is ${names.join(', ')}`
    const other = this.#otherOf(name)
    return `no ${kinds[kind]} is named '${name}': ${list}${other === undefined ? '' : `, though there is ${other.title}`}`
  }

  #namesOf(kind: RouteKind): string[] {
    return this.#named.filter((route) => route.kind === kind).map(({ name }) => name)
  }

  /** A route of that name, of whatever kind. */
  #otherOf(name: string): AnyRoute | undefined {
    return this.#named.find((route) => route.name === name)
  }

  /** A literal that no route has would fail every call that comes to it. A computed name is looked up when it is used. */
  #refuseUnknownNames(): void {
    const unknown = new Map<string, ArmedName>()
    for (const armed of this.armed) {
      const title = titleOf(armed.kind, armed.name)
      if (this.#find(armed.kind, armed.name) === undefined && !unknown.has(title)) unknown.set(title, armed)
    }
    const problems = [...unknown.values()].map((armed) => this.#unknownName(armed))
    if (problems[0] !== undefined) throw new SignalboxError('NO_ROUTE', problems[0].text, problems)
  }

  #unknownName({ kind, name, line, column }: ArmedName): Problem {
    const meant = nearest(name, this.#namesOf(kind))
    const other = this.#otherOf(name)
    const register = name === '' ? 'leave it out, or name a route' : `register ${kinds[kind]}('${name}', …)`
    const arm = other && `arm it as ${kinds[other.kind]}: '${name}', or ${register}`
    const hint = arm ?? (meant === undefined ? register : `did you mean '${meant}'?`)
    return { text: this.#noneNamed(kind, name), hint, ...this.map.find(line, column) }
  }

  /** Of its timers that run, in milliseconds; `Infinity` for an interval. */
  get timerDelays(): readonly number[] {
    return this.#timers?.delays ?? []
  }

  begin(): void {
    this.#transactions++
  }

  end(): void {
    this.#transactions--
    this.#disposeWhenDone()
  }

  /** A dialog is pinned to it. */
  hold(): void {
    this.#dialogs++
  }

  /** A dialog is not pinned to it any more. */
  letGo(): void {
    this.#dialogs--
    this.#disposeWhenDone()
  }

  /** Whether nothing runs on it any more, though its `onDispose` may. */
  get isDone(): boolean {
    return this.#isDisposing || this.state === 'disposed'
  }

  /** Another generation is live now. */
  retire(how: GenerationEnd): void {
    this.#ended = how
    this.state = 'draining'
    this.#disposeWhenDone()
  }

  get info(): GenerationInfo {
    const { number, hash, state } = this
    const runs = { transactions: this.#transactions, dialogs: this.#dialogs }
    const ended = this.#ended && { ended: this.#ended }
    return { number, hash, state, since: this.since.toISOString(), ...runs, ...ended }
  }

  /** Ends it, whatever still runs on it. Resolves when it is disposed. */
  async close(): Promise<void> {
    if (this.state === 'disposed') return
    this.#ended ??= 'stopped'
    this.state = 'draining'
    await this.#endOnce()
  }

  /** It never went live. */
  refuse(): void {
    this.state = 'disposed'
    this.#timers?.dispose()
  }

  /** No timer of its own calls into it any more. */
  #disposed(): void {
    this.state = 'disposed'
    this.#timers?.end()
  }

  #disposeWhenDone(): void {
    if (this.state === 'draining' && this.#transactions + this.#dialogs === 0) void this.#endOnce()
  }

  #endOnce(): Promise<void> | undefined {
    // A stop waits for an `onDispose` that runs already, too.
    if (this.#isDisposing) return this.#ending
    this.#isDisposing = true
    const ending = this.drained()
    if (ending === undefined) this.#disposed()
    return (this.#ending = ending?.then(() => this.#disposed()))
  }

  #route(entry: RouteEntry): AnyRoute {
    const { kind, name, handler, stack } = entry
    const known = kinds[kind]
    if (known === undefined || typeof handler !== 'function') {
      const text =
        known === undefined ? `no route kind ${JSON.stringify(kind)} is known` : `${known} was given no function`
      throw new SignalboxError('BAD_BUNDLE', text, [{ text, ...this.map.placeOf(stack) }])
    }
    const where = this.map.where(stack) ?? ''
    if (kind === 'event' && !events.has(name)) throw noEvent(name, where)
    return { kind, name, handler, title: titleOf(kind, name), where, runs: 0 } as AnyRoute
  }
}

const kinds: Record<RouteKind, string> = {
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

/** The compiler keeps it whole: what the dsl knows is here. */
const events = new Set<string>(
  Object.keys({ 'uac:registration': true, 'uac:reply': true } satisfies Record<keyof Events, true>),
)

function titleOf(kind: RouteKind, name: string): string {
  return name === '' ? kinds[kind] : `${kinds[kind]} '${name}'`
}

/** What is registered from now on would never run, and nobody would be told. It throws where it stands, by whatever copy of the dsl. */
function refuseLater(entries: readonly RouteEntry[]): void {
  const push = ({ kind, name }: RouteEntry): never => {
    const text = `${titleOf(kind, name)} is registered too late: handlers are registered while the routes are loaded`
    throw new SignalboxError('LATE_ROUTE', `${text}; register it at the top level`)
  }
  Object.defineProperty(entries, 'push', { value: push })
}

/** One `onRequest`, one `onInDialog`, one route of a name: a second is refused, both places named. */
function refuseDuplicates(routes: readonly RouteInfo[]): void {
  const seen = new Map<string, RouteInfo>()
  for (const route of routes) {
    const first = seen.get(route.title)
    if (first === undefined) seen.set(route.title, route)
    else throw duplicate(first, route)
  }
}

function duplicate(first: RouteInfo, second: RouteInfo): SignalboxError {
  const text = `${second.title} is registered twice: ${first.where} and ${second.where}`
  const hint =
    second.name === '' || second.title.startsWith('onEvent')
      ? 'keep one of them; what both do can be functions that it calls'
      : 'keep one of them, or give the second another name'
  return new SignalboxError('DUPLICATE_ROUTE', text, [{ text, hint, ...placeOf(second.where) }])
}

function noEvent(name: string, where: string): SignalboxError {
  const names = [...events]
  const text = `no event is named '${name}': there is ${names.map((each) => `'${each}'`).join(', ')}`
  const meant = nearest(name, names)
  const hint = meant === undefined ? {} : { hint: `did you mean '${meant}'?` }
  return new SignalboxError('NO_ROUTE', text, [{ text, ...hint, ...placeOf(where) }])
}

/** `routes/main.ts:8:1` taken apart. */
export function placeOf(where: string): Pick<Problem, 'file' | 'line' | 'column'> {
  const [, file, line, column] = /^(.*):(\d+):(\d+)$/.exec(where) ?? []
  return file === undefined ? {} : { file, line: Number(line), column: Number(column) }
}

function noRequestRoute(): SignalboxError {
  const text = 'the routes register no onRequest: nothing would answer a call'
  return new SignalboxError('NO_ROUTE', text, [{ text, hint: 'add onRequest(({ relay }) => relay())' }])
}
