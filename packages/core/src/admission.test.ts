/** Who is let in, who is told to come back, and that it is counted by reason. */
import { describe, expect, it } from 'vitest'
import { Admission, type TurnedAway } from './admission.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { makeResponse } from './message/reply.ts'
import { LayerRig, parsed, requestText, type RequestParts } from './testing/layer-rig.ts'

class Rig {
  readonly counted: TurnedAway[] = []
  readonly layer = new LayerRig()
  readonly admission: Admission

  constructor(limits: Partial<Limits> = {}) {
    this.admission = new Admission({ ...defaultLimits, ...limits }, (why) => this.counted.push(why))
  }

  /** The reason in the answer, or undefined for who is let in. */
  check(parts: RequestParts = {}): string | undefined {
    const request = parsed(requestText(parts))
    request.source = this.layer.socket.flow()
    const refusal = this.admission.check(request, this.layer.layer)
    if (refusal !== undefined) expect([refusal.status, refusal.headers?.length]).toEqual([503, 1])
    return refusal?.reason
  }

  /** Begins so many server transactions. */
  fill(count: number): void {
    for (let i = 0; i < count; i++) this.layer.serve({ method: 'OPTIONS', branch: `z9hG4bKfill${i}` })
  }
}

const inDialog = { method: 'BYE', to: '<sip:bob@example.net>;tag=b' }

describe('RFC 3261 §21.5.4: a new request is turned away', () => {
  it.each<[TurnedAway, string, (rig: Rig) => void]>([
    ['draining', 'Draining', ({ admission }) => (admission.isDraining = true)],
    ['transactions', 'Too Many Transactions', (rig) => rig.fill(4)],
    ['unanswered', 'Too Many Unanswered Requests', (rig) => rig.fill(3)],
    ['per_source', 'Too Many Transactions From You', (rig) => rig.fill(2)],
    ['overload', 'Overloaded', ({ admission }) => (admission.isOverloaded = true)],
  ])('%s', (why, reason, prepare) => {
    const rig = new Rig({
      transactions: 4,
      unanswered: why === 'unanswered' ? 3 : 4,
      perSource: why === 'per_source' ? 2 : 9,
    })
    expect(rig.check()).toBeUndefined()
    prepare(rig)
    expect([rig.check(), rig.counted]).toEqual([reason, [why]])
  })

  it('for one reason at a time, the first that fits', () => {
    const rig = new Rig({ transactions: 1, perSource: 1 })
    rig.fill(1)
    rig.admission.isDraining = rig.admission.isOverloaded = true
    expect([rig.check(), rig.counted]).toEqual(['Draining', ['draining']])
  })
})

describe('RFC 3261 §16.12: what belongs to a dialog, or ends something, goes first', () => {
  it.each<[string, RequestParts]>([
    ['a BYE', inDialog],
    ['a re-INVITE', { ...inDialog, method: 'INVITE' }],
    ['a CANCEL', { method: 'CANCEL' }],
  ])('%s passes while draining and overloaded, and beyond what one source may have', (_, parts) => {
    const rig = new Rig({ perSource: 1 })
    rig.fill(1)
    rig.admission.isDraining = rig.admission.isOverloaded = true
    expect([rig.check(parts), rig.counted]).toEqual([undefined, []])
  })

  it('but has a limit, too: a quarter on top', () => {
    const rig = new Rig({ transactions: 4 })
    rig.fill(4)
    expect(rig.check(inDialog)).toBeUndefined()
    rig.fill(5)
    expect(rig.check(inDialog)).toBe('Too Many Transactions')
  })
})

it('RFC 3261 §21.5.4: overload turns away calls, not other methods, and ends at once', () => {
  const rig = new Rig()
  rig.admission.isOverloaded = true
  expect([rig.check(), rig.check({ method: 'REGISTER' })]).toEqual(['Overloaded', undefined])
  rig.admission.isOverloaded = false
  expect(rig.check()).toBeUndefined()
})

it('RFC 3261 §21.5.4: what has its answer is no unanswered request any more, however it came to an end', () => {
  const rig = new Rig({ unanswered: 2 })
  const [answered, dropped] = ['a', 'b'].map((name) => rig.layer.serve({ method: 'OPTIONS', branch: `z9hG4bK${name}` }))
  expect(rig.check()).toBe('Too Many Unanswered Requests')
  answered!.respond(makeResponse(answered!.request, 200, '', 'tag'))
  dropped!.drop()
  expect([rig.layer.layer.unanswered(), rig.check()]).toEqual([0, undefined])
  rig.layer.clock.advance(40_000)
  expect([rig.layer.layer.servers, rig.layer.layer.unanswered()]).toEqual([0, 0])
})
