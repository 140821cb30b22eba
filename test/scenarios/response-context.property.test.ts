/**
 * Random calls through the whole stack: forks, lists and routes that send again, answers in any order, copies, losses, timeouts and a CANCEL
 * at any moment. Whatever happens, RFC 3261 §16.7 and §9.1 hold, and nothing is left.
 */
import path from 'node:path'
import { buildBundle } from '@signalbox/core/build'
import { Simulation } from '@signalbox/core/testing'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { fuzzRuns, random } from '../corpus/random.ts'
import { RawPeer } from './raw-peer.ts'
import { branch, header, logged, PROXY } from './wire.ts'

const RUNS = fuzzRuns(150)
const HOSTS = [1, 2, 3, 4].map((n) => `127.0.1.${n}:5060`)
const T4 = 5_000
const CALLER = '127.0.0.2:5060'

const plan = fc.record({
  targets: fc.integer({ min: 1, max: 3 }),
  isFork: fc.boolean(),
  isSlow: fc.boolean(),
  timeouts: fc.boolean(),
  arms: fc.subarray(['branch', 'reply', 'branchFailure', 'failure']),
})

const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      /** Which of the requests that have left so far. */
      of: fc.nat(9),
      status: fc.constantFrom(100, 180, 183, 200, 302, 404, 407, 408, 480, 486, 487, 500, 503, 603),
      copies: fc.constantFrom(1, 1, 2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('cancel' as const, 'again' as const, 'ack' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('goOn' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.constantFrom(100, 600, 4_000, 21_000, 33_000),
    }),
  },
)

type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never
type Answer = Extract<Event, { kind: 'answer' }>

/** One thing on the wire, as far as the rules care. */
interface Seen {
  readonly from: string
  readonly to: string
  readonly wire: string
  readonly arrived: boolean
}

interface Losses {
  readonly seed: number
  readonly isLossy: boolean
}

class Model {
  readonly net: Simulation
  readonly seen: Seen[] = []
  readonly method: string
  readonly #caller: RawPeer
  readonly #carriers: RawPeer[]
  readonly #invite: string
  /** When an answer was last owed, in virtual time. */
  #openAt = 0

  constructor(
    bundle: ConstructorParameters<typeof Simulation>[0],
    plan: Plan,
    method: string,
    { seed, isLossy }: Losses,
  ) {
    this.net = new Simulation(bundle, { patience: 0, deadline: '1h' })
    this.method = method
    this.#caller = new RawPeer(this.net, CALLER)
    this.#carriers = HOSTS.map((host) => new RawPeer(this.net, host))
    this.#invite = this.#caller.request({ method, lines: [`X-Plan: ${JSON.stringify(plan)}`] })
    const { oneIn } = random(seed)
    this.net.filter = (datagram) => {
      const arrived = !isLossy || !oneIn(8)
      this.seen.push({ ...datagram, arrived })
      return arrived ? 1 : 0
    }
  }

  async begin(): Promise<void> {
    await this.#caller.send(this.#invite)
    this.#note()
  }

  /** Whether the request got as far as the proxy. */
  get hasArrived(): boolean {
    return this.seen.some(({ from, wire, arrived }) => arrived && from === CALLER && wire.startsWith(`${this.method} `))
  }

  /** The requests that reached a carrier, each once. */
  get requests(): string[] {
    const all = this.#carriers.flatMap(({ received }) => received.filter((wire) => wire.startsWith(`${this.method} `)))
    return [...new Map(all.map((wire) => [branch(wire), wire])).values()]
  }

  async step(each: Event): Promise<void> {
    await this.#take(each)
    this.#note()
  }

  #note(): void {
    if (this.net.stack.proxy.layer.unanswered() > 0) this.#openAt = this.net.clock.now()
  }

  async #take(each: Event): Promise<void> {
    if (each.kind === 'advance') return this.net.advance(each.ms)
    // Copies of what has long been answered would be a call of their own.
    if (each.kind === 'again' && this.net.clock.now() > this.#openAt + T4) return
    if (each.kind === 'again') return this.#caller.send(this.#invite)
    if (each.kind === 'goOn') return this.#goOn()
    if (each.kind === 'cancel') return this.#caller.send({ method: 'CANCEL' })
    if (each.kind === 'ack') return this.#caller.send({ method: 'ACK', to: 'x' })
    if (each.kind === 'answer') return this.#answer(each)
  }

  async #answer(each: Answer): Promise<void> {
    const { requests } = this
    if (requests.length === 0) return
    const request = requests[each.of % requests.length]!
    const carrier = this.#carriers.find(({ received }) => received.includes(request))!
    for (let i = 0; i < each.copies; i++) await carrier.send(response(request, each.status, carrier.address))
  }

  /** Time goes on until the caller has an answer; then nothing may be left. */
  async end(): Promise<void> {
    const { stack } = this.net
    for (let i = 0; i < 400 && (stack.proxy.layer.unanswered() > 0 || stack.runningHandlers > 0); i++) {
      await this.#goOn()
      await this.net.advance('50s')
    }
    await this.net.close()
  }

  /** Lets the handlers go on that wait. */
  async #goOn(): Promise<void> {
    const routes: NodeJS.EventEmitter = process
    routes.emit('scenario:go-on')
    await this.net.advance(0)
  }
}

function response(request: string, status: number, host: string): string {
  const lines = request.split('\r\n').filter((line) => /^(Via|From|Call-ID|CSeq|Record-Route):/i.test(line))
  const tag = `;tag=${host.slice(8, 9)}-${branch(request)}`
  const contact = status === 302 ? ['Contact: <sip:elsewhere@192.0.2.1>'] : []
  return [`SIP/2.0 ${status} X`, ...lines, `To: ${header(request, 'To')}${tag}`, ...contact, '', ''].join('\r\n')
}

function statusOf({ wire }: Seen): number {
  return wire.startsWith('SIP/2.0 ') ? Number(wire.slice(8, 11)) : 0
}

const isOf = (method: string, { wire }: Seen): boolean => header(wire, 'CSeq')!.endsWith(` ${method}`)

/** RFC 3261 §16.7 step 5 to 9: one final response upstream, repeated or not; of a forked INVITE every 2xx. */
function checkUpstream({ seen, method }: Model): void {
  const upstream = seen.filter((each) => each.to === CALLER && isOf(method, each))
  const statuses = upstream.map(statusOf)
  const finals = new Set(upstream.filter((each) => statusOf(each) >= 200).map(({ wire }) => wire))
  const isSuccess = [...finals].some((wire) => wire.startsWith('SIP/2.0 2'))
  if (method === 'INVITE') expect(finals.size, statuses.join()).toBeGreaterThan(0)
  if (method !== 'INVITE' || !isSuccess) expect(finals.size, statuses.join()).toBeLessThanOrEqual(1)
  else expect([...finals].every((wire) => wire.startsWith('SIP/2.0 2'))).toBe(true)
  const first = statuses.findIndex((status) => status >= 200)
  expect(
    statuses.slice(first < 0 ? statuses.length : first).every((status) => status >= 200),
    statuses.join(),
  ).toBe(true)
  // RFC 4320 §4.2.
  if (method !== 'INVITE') expect(statuses).not.toContain(408)
}

/** RFC 3261 §9.1: of each branch, the first CANCEL comes after a provisional response and before a final one. */
function checkCancels({ seen }: Model): void {
  const branches = new Set<string>()
  seen.forEach((each, at) => {
    const id = branch(each.wire)!
    if (each.from !== PROXY || !each.wire.startsWith('CANCEL ') || branches.has(id)) return
    branches.add(id)
    const before = seen.slice(0, at).filter((one) => one.to === PROXY && one.arrived && branch(one.wire) === id)
    const statuses = before.map(statusOf)
    expect(
      statuses.some((status) => status > 0 && status < 200),
      `CANCEL after ${statuses.join()}`,
    ).toBe(true)
    expect(
      statuses.some((status) => status >= 200),
      `CANCEL after ${statuses.join()}`,
    ).toBe(false)
  })
}

/** RFC 3261 §16.7 step 5: once the caller has his answer no branch begins; every failure is acknowledged. */
function checkDownstream({ seen, method }: Model): void {
  const answered = seen.findIndex((each) => each.to === CALLER && isOf(method, each) && statusOf(each) >= 200)
  const branches = new Set<string>()
  seen.forEach((each, at) => {
    const id = branch(each.wire)!
    if (each.from !== PROXY || !each.wire.startsWith(`${method} `) || branches.has(id)) return
    branches.add(id)
    if (answered >= 0) expect(at, 'a branch begins after the answer').toBeLessThan(answered)
  })
}

let bundle: Awaited<ReturnType<typeof buildBundle>>

beforeAll(async () => {
  bundle = await buildBundle({ routes: path.resolve('test/scenarios/routes/random-tree.ts'), root: process.cwd() })
})

test.each([
  ['INVITE', false],
  ['INVITE', true],
  ['MESSAGE', true],
])(
  'RFC 3261 §16.7: %s, any tree of branches, any answers in any order (losses: %s)',
  async (method, isLossy) => {
    await fc.assert(
      fc.asyncProperty(
        plan,
        fc.array(event, { maxLength: 25 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        async (plan, events, seed) => {
          const model = new Model(bundle, plan, method, { seed, isLossy })
          await model.begin()
          for (const each of events) await model.step(each)
          await model.end()
          if (!model.hasArrived) return
          checkUpstream(model)
          checkCancels(model)
          checkDownstream(model)
          expect(logged(model.net, 'error')).toEqual([])
        },
      ),
      { numRuns: RUNS, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false },
    )
  },
  40_000,
)
