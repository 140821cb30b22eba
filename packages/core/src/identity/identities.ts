/**
 * From and To replaced and restored for a whole dialog, without any state here: what stood and stands there travels in two parameters of our
 * own Record-Route, sealed, and comes back in the Route of every later request.
 */
import { escapeParam, flat, unescape } from '../message/chars.ts'
import type { Message } from '../message/message.ts'
import { paramAt } from '../message/params.ts'
import type { Carried, Party, Replacement } from '../message/replaced.ts'
import type { Uri } from '../message/uri.ts'
import { decodeXor, encodeXor } from './kamailio-xor.ts'
import { Restoration } from './restoration.ts'
import { Seal } from './seal.ts'
import { headerOf, nameAddrOf, putReplacement, uriOf, withNameAddr } from './surgery.ts'
import type { RandomBytes } from '../random.ts'
import { goesBack, leadsBack, MovedCallers, wayBack } from './way-back.ts'

export interface IdentityOptions {
  readonly mode: 'none' | 'manual' | 'auto'
  /** How our own parameters are written; both forms are read. */
  readonly format: 'sealed' | 'kamailio'
  /** The parameters' names. */
  readonly params: Readonly<Record<Party, string>>
  /** Of 32 bytes each: the first seals, all open. */
  readonly keys: readonly Buffer[]
  /** Of Kamailio's form, '' for none: the first writes, all read. */
  readonly xorKeys: readonly string[]
  /** Of the nonces. Default: the system's. */
  readonly random?: RandomBytes | undefined
}

/** `unreadable`: a parameter that was changed or is not ours. `astray`: a way that does not lead to the caller. `too_long`: for a parameter. */
export type IdentityEvent = 'identity_unreadable' | 'identity_astray' | 'identity_too_long'

/**
 * In characters. A double Record-Route with both parameters may come back as one Route field, which is to stay below the default of
 * `limits.headerLength`: else every request of the dialog would be refused.
 */
const MAX_SEALED = 1_900

const parties = ['from', 'to'] as const

/** Passes through here one after another: the caller may have moved for each. */
function alsoAccepting(replacement: Replacement, before: Replacement | undefined): Replacement {
  const { accepted } = replacement
  const was = before?.accepted
  if (was === undefined) return replacement
  return {
    ...replacement,
    accepted() {
      was()
      accepted?.()
    },
  }
}

export class Identities {
  readonly seal: Seal
  readonly #options: IdentityOptions
  readonly #names: Readonly<Record<Party, string>>
  readonly #moved = new MovedCallers()
  readonly #count: (event: IdentityEvent, message: Message) => void

  constructor(options: IdentityOptions, count: (event: IdentityEvent, message: Message) => void = () => undefined) {
    const { params } = options
    this.#options = options
    this.#names = { from: params.from.toLowerCase(), to: params.to.toLowerCase() }
    this.#count = count
    this.seal = new Seal(options.keys, options.random)
  }

  get mode(): IdentityOptions['mode'] {
    return this.#options.mode
  }

  /** Puts what its `replaced` says into a request that leaves. Gives what our Record-Route is to carry, if one goes in. */
  leave(request: Message, isRecordRouted: boolean): Carried | undefined {
    const { replaced } = request
    const from = putReplacement(request, 'from')
    const to = putReplacement(request, 'to')
    if (!isRecordRouted || this.mode === 'none') return undefined
    if (replaced?.carried !== undefined) return replaced.carried
    const params = (from ? this.#write('from', from, request) : '') + (to ? this.#write('to', to, request) : '')
    return params === '' ? undefined : { callerTag: request.fromTag, params }
  }

  /** What replies to `received` say when it left as `left`; undefined when they stay as they come. */
  restoration(received: Message, left: Message): Restoration | undefined {
    const { replaced } = left
    if (this.mode === 'none' || (replaced?.from === undefined && replaced?.to === undefined)) return undefined
    return new Restoration(received, replaced)
  }

  /**
   * The answer to a request that an earlier process replaced them in; `routes` are the URIs of our Record-Routes that it repeats. Nobody but the
   * callee vouches for it, nor for `hop`, where it goes by its Via.
   */
  answered(response: Message, routes: readonly string[], hop: Uri): void {
    if (this.mode === 'none') return
    let isAstray = false
    for (const party of parties) {
      for (const route of routes) {
        const value = unescape(parameter(route, this.#names[party]) ?? '')
        const [original, , ...ways] = this.seal.open(value, contextOf(response, response.fromTag, party)) ?? []
        const answered = response.value(headerOf[party])
        if (original === undefined || answered === undefined) continue
        if (leadsBack(hop, ways)) response.put(headerOf[party], withNameAddr(answered, original))
        else isAstray = true
        break
      }
    }
    if (isAstray) this.#count('identity_astray', response)
  }

  /** A request within a dialog, own Routes taken off; `routes` are their URIs. */
  arrived(request: Message, routes: readonly string[]): void {
    if (this.mode === 'none' || request.toTag === '') return
    const carried = this.#carried(routes)
    if (carried === undefined) return
    request.replaced = { carried }
    if (this.mode === 'manual') return
    const outcomes = parties.map((party) => this.#restore(request, party, routes))
    const wrong = outcomes.find((outcome) => typeof outcome === 'string')
    if (wrong !== undefined) this.#count(wrong, request)
  }

  /** Restores the header whose replacement `party`'s parameter carries; `routes` are as above. Says whether it could. */
  restore(request: Message, party: Party, routes: readonly string[]): boolean {
    const outcome = this.mode === 'none' ? false : this.#restore(request, party, routes)
    if (typeof outcome === 'string') this.#count(outcome, request)
    return outcome === true
  }

  /** Whether there was something to restore, or why it was not. Of several passes through here the last one's counts. */
  #restore(request: Message, party: Party, routes: readonly string[]): boolean | IdentityEvent {
    let wrong: IdentityEvent | undefined
    let found: Found | undefined
    let before: string | undefined
    for (const route of routes) {
      const value = parameter(route, this.#names[party])
      // A double Record-Route says the same twice.
      if (value === undefined || value === before) continue
      before = value
      const outcome = this.#read(request, unescape(value), {
        party,
        callerTag: unescape(parameter(route, 'ftag') ?? ''),
        last: found,
      })
      if (typeof outcome === 'string') wrong = outcome
      else found = { ...outcome, replacement: alsoAccepting(outcome.replacement, found?.replacement) }
    }
    if (found === undefined) return wrong ?? false
    request.replaced = { ...request.replaced, [found.header]: found.replacement }
    return true
  }

  #read(request: Message, value: string, { party, callerTag, last }: Question): Found | IdentityEvent {
    const isUpstream = callerTag !== '' && request.fromTag !== '' && callerTag !== request.fromTag
    const header = isUpstream ? other[party] : party
    const replacement = Seal.isSealed(value)
      ? this.#unsealed(request, value, { party, callerTag, isUpstream })
      : this.#decoded(value, last?.replacement.uri ?? uriOf(request.value(headerOf[header]) ?? '') ?? '')
    return typeof replacement === 'string' ? replacement : { header, replacement }
  }

  #unsealed(request: Message, value: string, { party, callerTag, isUpstream }: Sealed): Replacement | IdentityEvent {
    const [original, now, ...ways] = this.seal.open(value, contextOf(request, callerTag, party)) ?? []
    if (original === undefined || now === undefined) return 'identity_unreadable'
    // A proxy beyond us may have forked: each dialog counts its CSeq by itself.
    const id = flat(Seal.idOf(value) + ' ' + (isUpstream ? request.fromTag : request.toTag))
    if (isUpstream)
      return goesBack(request, [...ways, ...this.#moved.waysOf(id)]) ? { base: original } : 'identity_astray'
    const accepted = this.#moved.follow(id, request, ways)
    // Who was never told what stood there cannot say it: he is not the caller, whatever else he says.
    const isCaller = accepted !== undefined && nameAddrOf(request.value(headerOf[party]) ?? '') === original
    return isCaller ? { base: now, accepted } : { base: now }
  }

  /** Only the URI: Kamailio keeps no display name. `from` is the one of the request. */
  #decoded(value: string, from: string): Replacement | IdentityEvent {
    for (const key of this.#options.xorKeys) {
      const uri = from === '' ? undefined : decodeXor(value, from, key)
      if (uri !== undefined) return { uri }
    }
    return 'identity_unreadable'
  }

  #write(party: Party, { before, after }: { before: string; after: string }, request: Message): string {
    const value =
      this.#options.format === 'sealed'
        ? this.seal.seal([before, after, ...wayBack(request)], contextOf(request, request.fromTag, party))
        : this.#encoded(uriOf(before)!, uriOf(after)!)
    if (value !== undefined && value.length <= MAX_SEALED) {
      return value === '' ? '' : ';' + this.#options.params[party] + '=' + escapeParam(value)
    }
    this.#count('identity_too_long', request)
    return ''
  }

  #encoded(before: string, after: string): string | undefined {
    return before === after ? '' : encodeXor(before, after, this.#options.xorKeys[0] ?? '')
  }

  /** What a request that is record-routed once more says again. */
  #carried(routes: readonly string[]): Carried | undefined {
    for (const route of routes) {
      let params = ''
      for (const party of parties) {
        const value = parameter(route, this.#names[party])
        if (value !== undefined) params += ';' + this.#options.params[party] + '=' + value
      }
      if (params !== '') return { callerTag: unescape(parameter(route, 'ftag') ?? ''), params }
    }
    return undefined
  }
}

interface Found {
  readonly header: Party
  readonly replacement: Replacement
}

interface Question {
  readonly party: Party
  readonly callerTag: string
  /** What an earlier Route of ours said. */
  readonly last: Found | undefined
}

interface Sealed {
  readonly party: Party
  readonly callerTag: string
  /** Whether the request comes from the callee's side. */
  readonly isUpstream: boolean
}

const other = { from: 'to', to: 'from' } as const

function parameter(uri: string, name: string): string | undefined {
  const semicolon = uri.indexOf(';')
  return semicolon < 0 ? undefined : paramAt(uri, semicolon, name)
}

/** Another call's seal, another caller's, or the other header's opens nothing. */
function contextOf({ callId }: Message, callerTag: string, party: Party): string {
  return callId + '\0' + callerTag + '\0' + party
}
