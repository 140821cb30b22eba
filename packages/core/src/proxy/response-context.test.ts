/** RFC 3261 §16.7 steps 4 to 6 and 10: by examples, and against rules that hold for any answers in any order. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Message } from '../message/message.ts'
import { ResponseContext, type BranchRecord, type Step } from './response-context.ts'

class Fork {
  readonly context: ResponseContext<BranchRecord>
  readonly branches: BranchRecord[]

  constructor(count: number, isInvite = true) {
    this.context = new ResponseContext(isInvite)
    this.branches = Array.from({ length: count }, () => ({ final: undefined, isLocal: false }))
    this.context.branches = this.branches
  }

  receive(branch: number, status: number): readonly Step[] {
    return this.context.receive(this.branches[branch]!, Message.response(status, ''))
  }

  best(): number {
    return this.context.best().final!.status
  }
}

/** What a fork does when its branches answer so, one after another. */
function stepsOf(answers: readonly (readonly [branch: number, status: number])[], isInvite = true): string[] {
  const fork = new Fork(Math.max(...answers.map(([branch]) => branch)) + 1, isInvite)
  return answers.map(([branch, status]) => fork.receive(branch, status).join('+'))
}

describe('RFC 3261 §16.7 step 5: what goes upstream at once', () => {
  it('every provisional response but 100', () =>
    expect(
      stepsOf([
        [0, 180],
        [1, 183],
        [0, 181],
      ]),
    ).toEqual(['forward', 'forward', 'forward']))

  it('no provisional response after a final one', () =>
    expect(
      stepsOf([
        [0, 200],
        [1, 180],
      ]),
    ).toEqual(['forward+cancel', '']))

  it('no provisional response of a branch that counts as failed', () =>
    expect(
      stepsOf([
        [0, 408],
        [0, 180],
        [1, 180],
      ]),
    ).toEqual(['', '', 'forward']))

  it('every 2xx to an INVITE, the same branch’s too', () =>
    expect(
      stepsOf([
        [0, 200],
        [0, 200],
        [1, 202],
      ]),
    ).toEqual(['forward+cancel', 'forward+cancel', 'forward']))

  it('the first 2xx to anything else', () =>
    expect(
      stepsOf(
        [
          [0, 200],
          [1, 200],
        ],
        false,
      ),
    ).toEqual(['forward+cancel', '']))

  it('a 2xx to an INVITE after its branch was given up as timed out', () =>
    expect(
      stepsOf([
        [0, 408],
        [0, 200],
      ]),
    ).toEqual(['exhausted', 'forward']))
})

describe('RFC 3261 §16.7 step 6: a failure waits for every branch', () => {
  it('and is chosen when the last one has ended', () =>
    expect(
      stepsOf([
        [0, 486],
        [2, 180],
        [1, 404],
        [2, 503],
      ]),
    ).toEqual(['', 'forward', '', 'exhausted']))

  it('once: a copy of a failure changes nothing', () =>
    expect(
      stepsOf([
        [0, 486],
        [0, 486],
      ]),
    ).toEqual(['exhausted', '']))

  it('not at all after a success', () =>
    expect(
      stepsOf([
        [0, 200],
        [1, 487],
      ]),
    ).toEqual(['forward+cancel', '']))
})

describe('RFC 3261 §16.7 step 5: a 6xx', () => {
  it('has the others cancelled, and is chosen when they have ended', () =>
    expect(
      stepsOf([
        [0, 603],
        [1, 487],
      ]),
    ).toEqual(['cancel', 'exhausted']))

  it('does not stop a 2xx that comes after it', () =>
    expect(
      stepsOf([
        [0, 603],
        [1, 200],
      ]),
    ).toEqual(['cancel', 'forward']))
})

describe('RFC 3261 §16.7 step 6: the best of', () => {
  it.each<[number[], number]>([
    [[404, 603, 302], 603],
    [[600, 603], 600],
    [[503, 486, 302], 302],
    [[500, 486], 486],
    [[486, 404], 486],
    [[404, 486], 404],
    [[404, 407, 480], 407],
    [[480, 401], 401],
    [[486, 484], 484],
    [[503, 500], 500],
    [[503, 504], 504],
    [[503, 503], 503],
    [[408], 408],
    [[408, 486], 486],
    [[480, 408], 480],
    [[408, 500], 408],
  ])('%j is %d', (statuses, best) => {
    const fork = new Fork(statuses.length)
    statuses.forEach((status, branch) => fork.receive(branch, status))
    expect(fork.best()).toBe(best)
  })
})

describe('RFC 3261 §16.7 step 5: no branch may begin any more', () => {
  it.each<[string, (fork: Fork) => void, boolean]>([
    ['at first', () => undefined, false],
    ['after a failure', (fork) => fork.receive(0, 486), false],
    ['after a provisional answer', (fork) => fork.receive(0, 180), false],
    ['after a 2xx', (fork) => fork.receive(0, 200), true],
    ['after a 6xx', (fork) => fork.receive(1, 603), true],
    ['after a CANCEL', (fork) => fork.context.cancelByCaller(), true],
  ])('%s', (_, happens, isConcluded) => {
    const fork = new Fork(2)
    happens(fork)
    expect(fork.context.isConcluded).toBe(isConcluded)
  })
})

describe('RFC 3261 §16.10: a CANCEL', () => {
  it('has what is pending cancelled', () => {
    const fork = new Fork(2)
    fork.receive(0, 486)
    expect(fork.context.cancelByCaller()).toEqual(['cancel'])
    expect(fork.receive(1, 487)).toEqual(['exhausted'])
  })

  it('finds nothing to cancel when every branch has ended', () => {
    const fork = new Fork(1)
    fork.receive(0, 486)
    expect([fork.context.cancelByCaller(), fork.context.canceled]).toEqual([[], true])
  })

  it('crosses a 2xx, which is forwarded all the same', () => {
    const fork = new Fork(1)
    fork.context.cancelByCaller()
    expect(fork.receive(0, 200)).toEqual(['forward'])
  })
})

const status = fc.constantFrom(180, 183, 200, 202, 302, 401, 404, 407, 486, 487, 500, 503, 600, 603)
const answer = fc.tuple(fc.nat(3), status)

/** A 503 counts only where there is nothing else. */
function lowestClass(codes: readonly number[]): number {
  const useful = codes.filter((code) => code !== 503)
  return Math.floor(Math.min(...(useful.length > 0 ? useful : codes)) / 100)
}

it.each([true, false])('RFC 3261 §16.7: any answers in any order (INVITE: %s)', (isInvite) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(answer, { maxLength: 20 }), (count, answers) => {
      const fork = new Fork(count, isInvite)
      const finals = new Map<number, number>()
      let forwarded2xx = 0
      let exhausted = 0
      for (const [any, code] of answers) {
        const branch = any % count
        const steps = fork.receive(branch, code)
        const isFirst = !finals.has(branch)
        if (code >= 200 && isFirst) finals.set(branch, code)
        const isPending = finals.size < count
        expect(fork.context.pending).toBe(isPending)
        if (code < 200) expect(steps).toEqual(forwarded2xx > 0 || finals.has(branch) ? [] : ['forward'])
        else if (code < 300) {
          // Every 2xx of an INVITE goes upstream; of other methods one. What is pending is cancelled.
          expect(steps.includes('forward')).toBe(isInvite || forwarded2xx === 0)
          expect(steps.includes('cancel')).toBe(steps.includes('forward') && isPending)
          if (steps.includes('forward')) forwarded2xx++
        } else {
          // No failure is forwarded at once, whatever came before.
          expect(steps).not.toContain('forward')
          if (steps.includes('cancel')) expect([code >= 600, isPending]).toEqual([true, true])
        }
        if (steps.includes('exhausted')) {
          exhausted++
          expect([isPending, forwarded2xx]).toEqual([false, 0])
          const codes = [...finals.values()]
          const best = fork.best()
          expect(codes).toContain(best)
          if (codes.some((each) => each >= 600)) expect(best).toBeGreaterThanOrEqual(600)
          else expect(Math.floor(best / 100)).toBe(lowestClass(codes))
        }
      }
      // One final response upstream: a success, or one choice among failures.
      expect(exhausted).toBeLessThanOrEqual(1)
      if (finals.size === count && exhausted === 0) expect(forwarded2xx).toBeGreaterThan(0)
    }),
    { numRuns: 500 },
  )
})
