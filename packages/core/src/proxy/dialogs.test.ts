/** What is remembered of a dialog, for which of its two sides, and for how long. */
import { describe, expect, it } from 'vitest'
import { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { parsed } from '../testing/layer-rig.ts'
import { chosenAfter, Dialogs, type Chosen } from './dialogs.ts'

interface Parts {
  callId?: string
  from?: string
  to?: string
  cseq?: number
}

function request({ callId = 'c', from = 'caller', to = 'callee', cseq = 1 }: Parts = {}): Message {
  const lines = [
    'INFO sip:bob@127.0.0.1 SIP/2.0',
    'Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1',
    `From: <sip:a@127.0.0.1>;tag=${from}`,
    `To: <sip:b@127.0.0.1>${to && `;tag=${to}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} INFO`,
    '',
    '',
  ]
  return parsed(lines.join('\r\n'))
}

function dialogs(limit = 10) {
  let evicted = 0
  return { table: new Dialogs(limit, () => evicted++), evicted: () => evicted }
}

describe('which dialog', () => {
  it('is found by requests of both sides, and by no other', () => {
    const { table } = dialogs()
    const dialog = table.open(request({ to: '' }), 'callee')
    expect(table.find(request())).toBe(dialog)
    expect(table.find(request({ from: 'callee', to: 'caller' }))).toBe(dialog)
    expect(table.open(request({ from: 'callee', to: 'caller' }))).toBe(dialog)
    expect(table.find(request({ callId: 'another' }))).toBeUndefined()
    expect(table.find(request({ to: 'another callee' }))).toBeUndefined()
    expect(table.size).toBe(1)
  })

  it('a new call is none, whatever its tag', () => {
    const { table } = dialogs()
    table.open(request({ to: '' }), 'callee')
    expect(table.find(request({ to: '' }))).toBeUndefined()
  })

  it('is forgotten by either side', () => {
    const { table } = dialogs()
    table.open(request({ to: '' }), 'callee')
    table.forget(request({ from: 'callee', to: 'caller' }))
    expect(table.size).toBe(0)
  })

  it('one that is over remembers nothing, for who still holds it', () => {
    const { table } = dialogs()
    const dialog = table.open(request({ to: '' }), 'callee')
    const field = Field.make(H.ProxyAuthorization, 'Digest username="a"')
    dialog.choose(request(), { byRealm: new Map([['r', { username: 'a', password: 'b' }]]), otherwise: undefined })
    dialog.acknowledgeWith(request(), [field], 0)
    table.forget(request())
    expect(dialog.credentials(request())).toBeUndefined()
    expect(dialog.credentialsOfAck(request(), 0, true)).toEqual([])
  })

  it('what was used within the last seven eighths of the limit is not given up', () => {
    const { table, evicted } = dialogs(16)
    const call = (number: number): Message => request({ callId: `call ${number}` })
    for (let i = 0; i < 16; i++) table.open(call(i))
    table.find(call(0))
    for (let i = 16; i < 16 + 14; i++) table.open(call(i))
    expect(evicted()).toBe(14)
    expect(table.find(call(0))).toBeDefined()
    expect(table.find(call(1))).toBeUndefined()
  })

  it('beyond the limit the one used longest ago goes, and is counted', () => {
    const { table, evicted } = dialogs(2)
    table.open(request({ callId: '1' }))
    table.open(request({ callId: '2' }))
    table.find(request({ callId: '1' }))
    table.open(request({ callId: '3' }))
    expect(['1', '2', '3'].map((callId) => table.find(request({ callId })) !== undefined)).toEqual([true, false, true])
    expect([table.size, evicted()]).toEqual([2, 1])
  })
})

describe('RFC 3261 §12.2.1.1: how far a request is raised', () => {
  it('from the raised one on, on its own side; earlier ones as they were', () => {
    const dialog = dialogs().table.open(request())
    dialog.raise(request({ cseq: 5 }), 1, 0)
    dialog.raise(request({ cseq: 7 }), 2, 0)
    expect([4, 5, 6, 7, 8].map((cseq) => dialog.raisedBy(request(), cseq, 0))).toEqual([0, 1, 1, 2, 2])
    expect(dialog.raisedBy(request({ from: 'callee', to: 'caller' }), 8, 0)).toBe(0)
  })

  it('a request raised twice counts once, with the last', () => {
    const dialog = dialogs().table.open(request())
    dialog.raise(request({ cseq: 5 }), 1, 0)
    dialog.raise(request({ cseq: 5 }), 2, 0)
    expect([4, 5].map((cseq) => dialog.raisedBy(request(), cseq, 0))).toEqual([0, 2])
  })

  it('however often: the last ones are kept, and that is all', () => {
    const dialog = dialogs().table.open(request())
    for (let cseq = 1; cseq <= 1000; cseq++) dialog.raise(request({ cseq }), cseq, 0)
    expect(dialog.raisedBy(request(), 1000, 0)).toBe(1000)
    expect(dialog.raisedBy(request(), 993, 0)).toBe(993)
    expect(dialog.raisedBy(request(), 1, 0)).toBe(0)
  })

  it('beyond all that has left on its side', () => {
    const dialog = dialogs().table.open(request())
    dialog.sent(request({ cseq: 2 }), 1)
    dialog.sent(request({ cseq: 3 }), 1)
    expect(dialog.unseen(request({ cseq: 2 }), 2)).toBe(3)
    expect(dialog.unseen(request({ cseq: 3 }), 2)).toBe(2)
    expect(dialog.unseen(request({ from: 'callee', to: 'caller', cseq: 2 }), 1)).toBe(1)
  })
})

describe('RFC 3261 §22.3: credentials that were chosen', () => {
  const alice = { username: 'alice', password: 'a' }
  const other = { username: 'other', password: 'o' }

  it('answer for who sends in the direction that they were chosen for, by realm first', () => {
    const dialog = dialogs().table.open(request())
    dialog.choose(request(), { byRealm: new Map([['r', alice]]), otherwise: () => other })
    const find = dialog.credentials(request())!
    expect([find('r', undefined), find('another', undefined)]).toEqual([alice, other])
    expect(dialog.credentials(request({ from: 'callee', to: 'caller' }))).toBeUndefined()
  })
})

describe('RFC 3261 §13.2.2.4: the credentials of an ACK', () => {
  it('are those of its INVITE', () => {
    const fields = [Field.make(H.Authorization, 'Digest x')]
    const dialog = dialogs().table.open(request({ to: '' }), 'callee')
    dialog.acknowledgeWith(request({ to: '', cseq: 2 }), fields, 0)
    expect(dialog.credentialsOfAck(request({ cseq: 2 }), 0, true)).toEqual(fields)
    expect(dialog.credentialsOfAck(request({ cseq: 3 }), 0, true)).toEqual([])
  })
})

describe('what was chosen', () => {
  const chosen = (...realms: string[]): Chosen => ({
    byRealm: new Map(realms.map((realm) => [realm, { username: 'u', password: 'p' }])),
    otherwise: undefined,
  })
  const realmsOf = ({ byRealm }: Chosen): string[] => [...byRealm.keys()]
  const ten = Array.from({ length: 10 }, (_, i) => `r${i}`)

  it('is of the last eight realms, whether they were named one by one or at once', () => {
    const oneByOne = ten.reduce((before, realm) => chosenAfter(before, chosen(realm)), chosen())
    expect(realmsOf(oneByOne)).toEqual(ten.slice(2))
    expect(realmsOf(chosenAfter(undefined, chosen(...ten)))).toEqual(ten.slice(2))
  })
})
