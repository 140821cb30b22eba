/** A caller who moves in calls that a seal alone does not tell apart: forked beyond us, or come by here twice. */
import { expect, it } from 'vitest'
import type { Message } from '../message/message.ts'
import { makeResponse } from '../message/reply.ts'
import { read } from '../message/sample.ts'
import { defaultIdentities } from './defaults.ts'
import { Identities, type IdentityEvent } from './identities.ts'

const ALICE = '"Alice" <sip:alice@a.example>'
const CALLER = 'From: "Alice" <sip:alice@a.example>;tag=a'

function message(method: string, ruri: string, cseq: number, lines: readonly string[], port = 5060): Message {
  const head = [`${method} ${ruri} SIP/2.0`, 'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1', 'Call-ID: c']
  const made = read([...head, `CSeq: ${cseq} ${method}`, ...lines, '\r\n'].join('\r\n'))
  made.source = { transport: 'udp', address: '192.0.2.1', port }
  return made
}

function setUp() {
  const events: IdentityEvent[] = []
  const identities = new Identities(defaultIdentities(), (event) => events.push(event))
  /** The Route of ours that an INVITE leaves behind, whose From is replaced. */
  const left = (from: string, by: string, before: readonly string[] = []): string => {
    const contact = 'Contact: <sip:alice@192.0.2.1>'
    const invite = message('INVITE', 'sip:bob@b.example', 1, [from, 'To: <sip:bob@b.example>', contact, ...before])
    invite.replaced = { from: { uri: by } }
    return `sip:us;lr;ftag=a${identities.leave(invite, true)!.params}`
  }
  const moves = (routes: readonly string[], calleeTag: string, cseq: number, port: number): void => {
    const lines = [CALLER, `To: <sip:bob@b.example>;tag=${calleeTag}`, `Contact: <sip:alice@192.0.2.1:${port}>`]
    const update = message('UPDATE', 'sip:bob@b.example', cseq, lines)
    identities.arrived(update, routes)
    identities.restoration(update, update)?.apply(makeResponse(update, 200, '', ''))
  }
  /** What a BYE of the callee says that is sent there. */
  const told = (routes: readonly string[], calleeTag: string, port: number): string => {
    const lines = [`From: <sip:bob@b.example>;tag=${calleeTag}`, 'To: <sip:one@x.example>;tag=a']
    const bye = message('BYE', `sip:alice@192.0.2.1:${port}`, 1, lines)
    identities.arrived(bye, routes)
    identities.leave(bye, false)
    return bye.toWire()
  }
  return { events, left, moves, told }
}

it('RFC 3261 §12.2.1.1: each dialog of a fork beyond us counts its CSeq by itself', () => {
  const { events, left, moves, told } = setUp()
  const routes = [left(CALLER, 'sip:one@x.example')]
  moves(routes, 'b', 20, 7002)
  moves(routes, 'b2', 5, 7003)
  expect(told(routes, 'b', 7002)).toContain(`To: ${ALICE};tag=a`)
  expect(told(routes, 'b2', 7003)).toContain(`To: ${ALICE};tag=a`)
  expect(events).toEqual([])
})

it('a call that came by here twice: he has moved for both', () => {
  const { events, left, moves, told } = setUp()
  const first = left(CALLER, 'sip:one@x.example')
  const second = left('From: "Alice" <sip:one@x.example>;tag=a', 'sip:two@x.example', [`Record-Route: <${first}>`])
  moves([first, second], 'b', 2, 7001)
  expect(told([second, first], 'b', 7001)).toContain(`To: ${ALICE};tag=a`)
  expect(events).toEqual([])
})
