/** A trunk under any order of answers, commands, changed rows and time: never two REGISTERs out, and never forgotten. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Message } from '../message/message.ts'
import { read } from '../message/sample.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { Timers } from '../timers/timers.ts'
import { NonceCounts } from '../uac/nonce-counts.ts'
import type { OwnPlan } from '../uac/own-request.ts'
import type { OwnRequests } from '../uac/own-requests.ts'
import { Agenda } from './agenda.ts'
import { readRow, type TrunkRow } from './columns.ts'
import { Pace } from './pace.ts'
import { Registration } from './registration.ts'
import { accountOf } from './row.ts'

const columns = {
  l_uuid: 'u1',
  l_username: 'alice',
  l_domain: 'x',
  r_username: 'ralice',
  r_domain: 'r.example',
  realm: '',
  auth_username: 'ralice',
  auth_password: 'p',
  auth_proxy: 'sip:127.0.0.2',
  expires: 60,
}

const rows: TrunkRow[] = [
  columns,
  { ...columns, auth_password: 'other' },
  { ...columns, auth_proxy: 'sip:127.0.0.3' },
  { ...columns, expires: 0 },
  { ...columns, flags: 1 },
  { ...columns, auth_proxy: 'nonsense' },
].map(readRow)

const answers = [
  'SIP/2.0 200 OK\r\nContact: <sip:u1@h>;expires=30',
  'SIP/2.0 200 OK\r\nContact: *',
  'SIP/2.0 200 OK',
  'SIP/2.0 423 Interval Too Brief\r\nMin-Expires: 120',
  'SIP/2.0 403 Forbidden',
  'SIP/2.0 503 Service Unavailable\r\nRetry-After: 7',
].map((text) => read(`${text}\r\n\r\n`))

class Rig {
  readonly clock = new VirtualClock()
  readonly agenda = new Agenda(new Timers(this.clock))
  readonly open: OwnPlan[] = []
  readonly cseqs: string[] = []
  isGone = false
  readonly trunk: Registration

  constructor(retryInterval: number) {
    const names = { callId: () => 'c', tag: () => 't' }
    const send = (plan: OwnPlan): void => {
      this.cseqs.push(`${plan.request.callId} ${plan.request.cseq!.number}`)
      this.open.push(plan)
    }
    this.trunk = new Registration(
      {
        requests: { names, t1: 500, home: () => '127.0.0.1:5060', send } as unknown as OwnRequests,
        counts: new NonceCounts(),
        agenda: this.agenda,
        pace: new Pace(this.agenda, 50),
        settings: { retryInterval },
        random: () => 0.5,
        hooks: () => ({}),
        changed: () => undefined,
        adopted: () => undefined,
        gone: () => (this.isGone = true),
      },
      rows[0]!,
      account(rows[0]!),
    )
    this.trunk.begin()
  }

  answer(response: Message): void {
    const plan = this.open.shift()
    plan?.ended({ response, isLocal: false, request: plan.request, answers: [] })
  }
}

function account(row: TrunkRow): ReturnType<typeof accountOf> {
  return accountOf(row, {}, () => {
    throw new Error('no socket')
  })
}

const step = fc.oneof(
  fc.record({ answer: fc.nat(answers.length - 1) }),
  fc.record({ seconds: fc.constantFrom(0.1, 3, 20, 100) }),
  fc.record({ command: fc.constantFrom('enable', 'disable', 'register', 'unregister') }),
  fc.record({ row: fc.nat(rows.length - 1) }),
)

test('never two in flight, CSeq only rises, and always a timer, a turn, an answer to wait for, or a reason', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 30), fc.array(step, { maxLength: 60 }), (retryInterval, steps) => {
      const rig = new Rig(retryInterval)
      const { trunk } = rig
      for (const each of steps) {
        if ('answer' in each) rig.answer(answers[each.answer]!)
        else if ('seconds' in each) rig.clock.advance(each.seconds * 1_000)
        else if ('command' in each) trunk.command(each.command)
        else trunk.change(rows[each.row]!, account(rows[each.row]!))
        expect(rig.open.length).toBeLessThanOrEqual(1)
        expect(trunk.hasTimerOrTurn || trunk.reason !== '').toBe(true)
        expect(trunk.state === 'registered' || trunk.state === 'refreshing' ? trunk.isBound : true).toBe(true)
      }
      expect(new Set(rig.cseqs).size).toBe(rig.cseqs.length)
      const numbers = rig.cseqs.map((text) => Number(text.split(' ')[1]))
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    }),
    { numRuns: 2_000 },
  )
})

test('a row that is removed is withdrawn and gone, whatever came before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.nat(answers.length - 1), (steps, last) => {
      const rig = new Rig(30)
      for (const each of steps) {
        if ('answer' in each) rig.answer(answers[each.answer]!)
        else if ('seconds' in each) rig.clock.advance(each.seconds * 1_000)
        else if ('command' in each) rig.trunk.command(each.command)
        else rig.trunk.change(rows[each.row]!, account(rows[each.row]!))
      }
      rig.trunk.remove()
      for (let tries = 0; tries < 6; tries++) {
        rig.clock.advance(1_000)
        rig.answer(answers[last]!)
      }
      expect([rig.isGone || rig.trunk.isGone, rig.open.length]).toEqual([true, 0])
      const sent = rig.cseqs.length
      rig.clock.advance(3_600_000)
      expect(rig.cseqs.length).toBe(sent)
    }),
    { numRuns: 2_000 },
  )
})
