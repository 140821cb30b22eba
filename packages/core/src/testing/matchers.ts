/** What tests say about calls, in the words of the field. Registered when the test kit is imported under vitest. */
import { expect } from 'vitest'
import { parseDuration } from '../config/duration.ts'
import { toUnicode } from '../message/chars.ts'
import type { Agent } from './agent.ts'
import { callIdOf, type Journal, type JournalEvent, type SentMessage } from './journal.ts'
import { seconds } from './ladder.ts'
import { Call } from './uac.ts'

/** Route lines and messages that a failure shows: the last ones. */
const SHOWN = 200

interface Verdict {
  pass: boolean
  message: () => string
  expected?: unknown
  actual?: unknown
}

interface Self {
  readonly isNot: boolean
}

/** A part of a message: what its text matches or contains, or the status of a response. */
export type Said = RegExp | string | number

/** A name, an address, or what `net.uas` returned. */
export type Peer = string | { readonly address: string }

/** When a call is to reach a peer. */
export interface ReachOptions {
  /** From the beginning of the call, or from the response that `after` names: milliseconds or `'5s'`. */
  within?: number | string
  /** The status of a response that came before. */
  after?: number
}

expect.extend({
  toBeAnsweredWith(call: Call, status: number) {
    const { status: received, statuses } = call
    return {
      pass: received === status,
      message: () =>
        `the call was ${this.isNot ? '' : 'not '}answered with ${status}: it got ${statuses.join(', ') || 'nothing'}${diagram(call)}`,
      expected: status,
      actual: received,
    }
  },
  toReach(call: Call, peer: Peer, options: ReachOptions = {}) {
    return reached(this, call, peer, options)
  },
  toHaveSent(who: Call | Agent, what: Said) {
    return said(this, who, 'sent', what)
  },
  toHaveReceived(who: Call | Agent, what: Said) {
    return said(this, who, 'received', what)
  },
  toHaveRun(call: Call, route: string | RegExp) {
    if (typeof route === 'string') journalOf(call.agent).refuseUnknownRoute(route)
    const ran = eventsOf(call).flatMap((event) => (event.kind === 'route' ? [`${event.what}  ${event.where}`] : []))
    const isIt = (line: string): boolean => (typeof route === 'string' ? line.includes(route) : route.test(line))
    return {
      pass: ran.some(isIt),
      message: () =>
        `${this.isNot ? 'ran, and was not to' : 'did not run'}: ${String(route)}; ran: ${ran.join(', ') || 'nothing'}${diagram(call)}`,
    }
  },
})

function reached(self: Self, call: Call, peer: Peer, { within, after }: ReachOptions): Verdict {
  const journal = journalOf(call.agent)
  const address = typeof peer === 'string' ? journal.addressOf(peer) : peer.address
  const messages = eventsOf(call).filter((event) => event.kind === 'message')
  const since = after === undefined ? messages[0] : messages.find(({ wire }) => wire.startsWith(`SIP/2.0 ${after} `))
  const arrivals = messages
    .slice(since === undefined ? Infinity : messages.indexOf(since))
    .filter(({ to, wire, delays }) => to === address && delays.length > 0 && wire.startsWith(`${call.request.method} `))
    .map(arrival)
  const first = Math.min(...arrivals) - (since?.time ?? 0)
  const limit = within === undefined ? Infinity : parseDuration(within)
  const name = journal.names.get(address) ?? address
  const where = name === address ? name : `${name} (${address})`
  const start = after === undefined ? '' : ` after the ${after}`
  const when = arrivals.length > 0 ? `it did ${seconds(first)} s${start || ' after it began'}` : 'it never did'
  const why = after !== undefined && since === undefined ? `there was no ${after}` : when
  const asked = `${within === undefined ? '' : ` within ${seconds(limit)} s`}${start}`
  return {
    pass: arrivals.length > 0 && first <= limit,
    message: () => `the call was ${self.isNot ? 'not ' : ''}to reach ${where}${asked}: ${why}${diagram(call)}`,
  }
}

/** RFC 3261 §17.1.1.2: a datagram may come twice; the first counts. */
function arrival({ time, delays }: SentMessage): number {
  return time + Math.min(...delays)
}

function said(self: Self, who: Call | Agent, how: 'sent' | 'received', what: Said): Verdict {
  const { address } = agentOf(who)
  const { names, proxyAddress } = journalOf(agentOf(who))
  const isCall = who instanceof Call
  const senders = isCall ? [address, proxyAddress] : [address]
  const messages = eventsOf(who).filter((event) => event.kind === 'message')
  const own = messages.filter(({ from, to, delays }) =>
    how === 'sent' ? senders.includes(from) : to === address && delays.length > 0,
  )
  const verb = self.isNot ? `has ${how}` : `has not ${how}`
  const shown = typeof what === 'number' ? `a ${what}` : String(what)
  const name = isCall ? 'the call' : (names.get(address) ?? address)
  return {
    pass: own.some(({ wire }) => says(wire, what)),
    message: () => `${name} ${verb} ${shown} in ${own.length} message${own.length === 1 ? '' : 's'}${diagram(who)}`,
  }
}

function says(wire: string, what: Said): boolean {
  if (typeof what === 'number') return wire.startsWith(`SIP/2.0 ${what} `)
  const text = toUnicode(wire)
  return typeof what === 'string' ? text.includes(what) : what.test(text)
}

function agentOf(who: Call | Agent): Agent {
  return who instanceof Call ? who.agent : who
}

/** Of one call, or of every call that has to do with this agent. */
function eventsOf(who: Call | Agent): readonly JournalEvent[] {
  const journal = journalOf(agentOf(who))
  if (who instanceof Call) return journal.ofCall(who.callId)
  const calls = new Set(
    journal.messages
      .filter(({ from, to }) => from === who.address || to === who.address)
      .map(({ wire }) => callIdOf(wire)),
  )
  return journal.events.filter((event) => calls.has(event.kind === 'route' ? event.callId : callIdOf(event.wire)))
}

function journalOf({ journal, address }: Agent): Journal {
  if (journal === undefined) throw new Error(`${address} belongs to no simulation: nothing is known of what it sent`)
  return journal
}

/** The ladder of what this is about, with the route lines that ran. Nothing for an agent that no simulation has. */
function diagram(who: Call | Agent): string {
  const { journal } = agentOf(who)
  if (journal === undefined) return ''
  const events = eventsOf(who)
  const left = Math.max(0, events.length - SHOWN)
  return `${left > 0 ? `\n(the first ${left} lines are left out)` : ''}\n\n${journal.ladder(events.slice(left))}`
}

/** What `expect(…)` understands of calls, phones and carriers. */
export interface SipMatchers {
  /**
   * The final status of a call, or of another request.
   *
   * @example expect(await net.uac().invite('sip:bob@127.0.0.1:5080')).toBeAnsweredWith(200)
   */
  toBeAnsweredWith(status: number): void
  /**
   * The call's request arrived at this peer: the name that it was given, an address, or what `net.uas` returned. Lost datagrams do not arrive.
   *
   * @example expect(call).toReach('carrier-b', { within: '5s', after: 503 })
   */
  toReach(peer: Peer, options?: ReachOptions): void
  /**
   * A message that this phone or carrier sent has this text, or is a response with this status. Of a call: one that its phone or the proxy sent on its
   * account.
   *
   * @example expect(call).toHaveSent(/^X-Gen: /m)
   */
  toHaveSent(what: Said): void
  /**
   * A message that arrived at this phone or carrier has this text, or is a response with this status. Of a call: one that arrived at its phone.
   *
   * @example expect(carrier).toHaveReceived(/^Proxy-Authorization: Digest /m)
   */
  toHaveReceived(what: Said): void
  /**
   * A line of a route ran for this call: what ran, or where, or a part of both.
   *
   * @example expect(call).toHaveRun("onFailure 'TRUNKAUTH'")
   */
  toHaveRun(route: string | RegExp): void
}

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type -- vitest's own parameter
  interface Matchers<T = any> extends SipMatchers {}
}
