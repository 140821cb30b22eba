/**
 * RFC 3261 §10.3 steps 6 and 7 as a function: the contacts that there are, and what is asked for, make the contacts that there will be. All of it
 * or nothing: what it returns is put in place by location.ts in one go.
 */
import { apart } from '../message/chars.ts'
import { Uri } from '../message/uri.ts'
import type { Aor } from './aor.ts'
import { isOutOfOrder, type Binding } from './binding.ts'
import type { ContactChange, Wanted } from './contacts.ts'
import { refusal, type Refusal } from './refusal.ts'

/** What a new or refreshed contact has of its REGISTER. */
export type Registration = Pick<Binding, 'aor' | 'callId' | 'cseq' | 'userAgent' | 'socket'>

export interface Registering {
  readonly registration: Registration
  readonly wanted: Wanted
  /** On the core's clock, in milliseconds. */
  readonly now: number
  readonly maxContacts: number
  newRuid(): string
}

export interface Registered {
  /** All contacts, in the order in which they came to be. */
  readonly bindings: readonly Binding[]
  /** Those among them that are new or refreshed. */
  readonly saved: readonly Binding[]
}

export function register(existing: readonly Binding[], asked: Registering): Registered | Refusal {
  const { wanted, registration } = asked
  if (!wanted.all) return registerEach(existing, wanted.changes, asked)
  // RFC 3261 §10.3 step 6.
  if (existing.some((binding) => isOutOfOrder(binding, registration))) return outOfOrder
  return { bindings: [], saved: [] }
}

function registerEach(
  existing: readonly Binding[],
  changes: readonly ContactChange[],
  asked: Registering,
): Registered | Refusal {
  let bindings = existing
  for (const change of changes) {
    const at = bindings.findIndex(({ uri }) => uri.bytes === change.uri.bytes || uri.equals(change.uri))
    const old = bindings[at]
    // One that this very request has made or changed is no older one: the last word counts.
    if (old !== undefined && existing.includes(old) && isOutOfOrder(old, asked.registration)) return outOfOrder
    if (change.expires === 0) bindings = bindings.filter((each) => each !== old)
    // What is kept is no longer than it has to be: an array that is pushed to has room for 16 more.
    else if (old === undefined) bindings = bindings.concat(made(change, old, asked))
    else bindings = bindings.with(at, made(change, old, asked))
  }
  const saved = bindings.filter((binding) => !existing.includes(binding))
  if (bindings.length > asked.maxContacts && bindings.length > existing.length) return refusal(403, 'Too Many Contacts')
  return { bindings, saved }
}

/** A contact outlives its REGISTER by hours: it keeps no letter that is cut out of the datagram. */
function made({ uri, q, expires, instance }: ContactChange, old: Binding | undefined, asked: Registering): Binding {
  const { registration, now } = asked
  // Name by name: a spread into an object with more names costs V8 microseconds.
  return {
    aor: old !== undefined && isSame(old.aor, registration.aor) ? old.aor : ownAor(registration.aor),
    ruid: old?.ruid ?? asked.newRuid(),
    uri: old !== undefined && old.uri.bytes === uri.bytes ? old.uri : Uri.parse(apart(uri.bytes))!,
    q,
    expiresAt: now + expires * 1_000,
    callId: own(registration.callId, old?.callId),
    cseq: registration.cseq,
    userAgent: own(registration.userAgent, old?.userAgent),
    instance: own(instance, old?.instance),
    socket: registration.socket,
  }
}

/** A phone says the same again and again: what is there already will do. */
function own(text: string, before: string | undefined): string {
  return text === before ? before : apart(text)
}

function isSame(one: Aor, other: Aor): boolean {
  return one.key === other.key && one.user === other.user && one.domain === other.domain
}

function ownAor({ key, user, domain }: Aor): Aor {
  return { key: apart(key), user: apart(user), domain: domain && apart(domain) }
}

const outOfOrder = refusal(500, 'CSeq Out Of Order')
