/** Whatever comes, in whatever order: what the figures forbid does not happen, and in the end nothing is left. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LayerRig, response } from '../testing/layer-rig.ts'
import type { ClientTransaction, ClientUser, ServerTransaction } from './layer.ts'

const AGES = 64 * 500
const T4 = 5_000

type Event =
  | { kind: 'answer'; of: number; status: number; tag: string }
  | { kind: 'respond'; of: number; status: number }
  | { kind: 'receive'; of: number; method: 'same' | 'ACK' | 'CANCEL' }
  | { kind: 'drop' | 'abandon'; of: number }
  | { kind: 'fail' }
  | { kind: 'advance'; ms: number }

const of = fc.nat(1)
const status = fc.constantFrom(100, 180, 200, 202, 302, 404, 503, 603)
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('answer' as const), of, status, tag: fc.constantFrom('x', 'y') }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('respond' as const), of, status }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('receive' as const),
      of,
      method: fc.constantFrom('same' as const, 'ACK' as const, 'CANCEL' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('drop' as const, 'abandon' as const), of }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'fail' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.constantFrom(0, 100, 500, 3_000, 16_000, 32_000),
    }),
  },
)

/** One client transaction and what its user heard. */
class Client implements ClientUser {
  readonly statuses: number[] = []
  readonly ends: string[] = []
  readonly transaction: ClientTransaction

  constructor(rig: LayerRig, method: string) {
    this.transaction = rig.send(method, [], this)
  }

  response(message: { status: number }): void {
    this.statuses.push(message.status)
  }

  timeout(): void {
    this.ends.push('timeout')
  }

  transportError(): void {
    this.ends.push('transportError')
  }

  check(): void {
    const finals = this.statuses.filter((each) => each >= 200)
    const success = finals.filter((each) => each < 300)
    if (this.transaction.isInvite) {
      // RFC 3261 §17.1.1.2, RFC 6026 §8.4: 2xx any number of times, or one failure; never both.
      expect(success.length === 0 ? finals.length <= 1 : success.length === finals.length, finals.join()).toBe(true)
    } else {
      expect(finals.length, finals.join()).toBeLessThanOrEqual(1)
    }
    const ended = this.ends.join()
    // Nobody hears of a timeout after an answer; after a failure, the ACK may still meet an error.
    expect(['', 'timeout', 'transportError']).toContain(ended)
    if (finals.length > 0) expect(ended).not.toBe('timeout')
  }
}

/** The responses that left a server transaction, each text once. */
function checkServer(method: string, wires: readonly string[]): void {
  const line = `CSeq: 1 ${method}\r\n`
  const sent = wires.filter((wire) => wire.startsWith('SIP/2.0') && wire.includes(line))
  const finals = [...new Set(sent)].map((wire) => Number(wire.slice(8, 11))).filter((each) => each >= 200)
  const isSuccess = (each: number): boolean => each < 300
  if (method === 'INVITE' && finals.some(isSuccess)) expect(finals.every(isSuccess), finals.join()).toBe(true)
  else expect(finals.length, finals.join()).toBeLessThanOrEqual(1)
}

class Model {
  readonly rig: LayerRig
  readonly clients: Client[]
  readonly servers: ServerTransaction[]
  readonly methods = ['INVITE', 'OPTIONS']

  constructor(reliable: boolean) {
    this.rig = new LayerRig({ reliable })
    this.clients = [new Client(this.rig, 'INVITE'), new Client(this.rig, 'OPTIONS')]
    this.servers = this.methods.map((method) => this.rig.serve({ method }))
  }

  step(each: Event): void {
    const { rig } = this
    switch (each.kind) {
      case 'answer':
        return rig.layer.receiveResponse(
          response(rig.requestOf(this.clients[each.of]!.transaction), each.status, each.tag),
        )
      case 'respond':
        return this.servers[each.of]!.respond(response(rig.requestOf(this.servers[each.of]!), each.status))
      case 'receive':
        // What has ended would begin anew, which is another story.
        if (this.servers[each.of]!.state === 'terminated') return
        return rig.receive({ method: each.method === 'same' ? this.methods[each.of]! : each.method })
      case 'drop':
        return this.servers[each.of]!.drop()
      case 'abandon':
        return this.clients[each.of]!.transaction.abandon()
      case 'fail':
        return rig.socket.failLast()
      case 'advance':
        return rig.clock.advance(each.ms)
    }
  }

  check(): void {
    const { rig, clients } = this
    for (const client of clients) client.check()
    const known = [...clients.map(({ transaction }) => transaction), ...new Set([...this.servers, ...rig.servers])]
    const running = known.flatMap((transaction) => {
      const timers = [transaction.resending, transaction].filter((timer) => timer?.list !== undefined)
      if (transaction.state === 'terminated') expect(timers).toEqual([])
      if (transaction.resending !== undefined) expect(transaction.resending.owner).toBe(transaction)
      return timers
    })
    expect(rig.timers.size, 'every timer is a live transaction’s').toBe(running.length)
    const live = known.filter(({ state }) => state !== 'terminated').length
    expect(rig.layer.clients + rig.layer.servers, 'the tables hold what lives').toBe(live)
  }
}

it.each([false, true])('RFC 3261 §17: any events in any order (reliable: %s)', (reliable) => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const model = new Model(reliable)
      for (const each of events) {
        model.step(each)
        model.check()
      }
      const wires = model.rig.socket.sent.map(({ wire }) => wire)
      for (const server of model.servers) checkServer(model.rig.requestOf(server).method, wires)
      // The users do their part: what rings is given up, what is owed is answered.
      for (const { transaction } of model.clients) transaction.abandon()
      for (const server of model.rig.servers) server.respond(response(model.rig.requestOf(server), 500))
      model.rig.clock.advance(AGES + T4)
      model.check()
      const { layer, timers } = model.rig
      expect([layer.clients, layer.servers, timers.size]).toEqual([0, 0, 0])
    }),
    { numRuns: 300 },
  )
})
