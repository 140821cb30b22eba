/**
 * The response context of RFC 3261 §16.7: what each branch has answered, and what follows from it. Told of a response, it returns the
 * steps to take; `proxy-transaction.ts` takes them. No I/O, no time.
 */
import type { Message } from '../message/message.ts'

export type Step =
  | 'forward' // this response goes upstream at once (§16.7 step 5)
  | 'cancel' // every pending branch is cancelled (§16.7 step 10)
  | 'exhausted' // every branch has its final answer and none was a success (§16.7 step 6)

const nothing: readonly Step[] = []
const forward: readonly Step[] = ['forward']
const forwardAndCancel: readonly Step[] = ['forward', 'cancel']
const cancel: readonly Step[] = ['cancel']
const exhausted: readonly Step[] = ['exhausted']

/** What one branch has come to. */
export interface BranchRecord {
  /** Its final response, local ones included. */
  final: Message | undefined
  /** Whether that was made here. */
  readonly isLocal: boolean
}

export class ResponseContext<Branch extends BranchRecord> {
  readonly isInvite: boolean
  /** Those that are tried now, and the groups before them. A list is never changed: who goes through one may start others. */
  branches: readonly Branch[] = []
  /** A final response has gone upstream. */
  answered = false
  /** The caller has cancelled. */
  canceled = false

  constructor(isInvite: boolean) {
    this.isInvite = isInvite
  }

  /** No new branch may begin: answered, cancelled, or told by a 6xx that nobody is to be found (RFC 3261 §16.7 step 5). */
  get isConcluded(): boolean {
    return (
      this.answered || this.canceled || this.branches.some(({ final }) => final !== undefined && final.status >= 600)
    )
  }

  get pending(): boolean {
    return this.branches.some((branch) => branch.final === undefined)
  }

  /** RFC 3261 §16.7 steps 4 and 5. `response` is not a 100. */
  receive(branch: Branch, response: Message): readonly Step[] {
    const { status } = response
    // A branch that counts as failed may ring yet: it was given up.
    if (status < 200) return this.answered || branch.final !== undefined ? nothing : forward
    const again = branch.final !== undefined
    branch.final ??= response
    if (status < 300) return this.#success()
    if (again || this.answered) return nothing
    if (!this.pending) return exhausted
    // A 6xx ends the search, but goes upstream only when every branch has ended.
    return status >= 600 ? cancel : nothing
  }

  /** RFC 3261 §16.7 step 5: every 2xx to an INVITE is forwarded; of other methods, the first. */
  #success(): readonly Step[] {
    if (this.answered && !this.isInvite) return nothing
    this.answered = true
    return this.pending ? forwardAndCancel : forward
  }

  /** RFC 3261 §16.10. */
  cancelByCaller(): readonly Step[] {
    this.canceled = true
    return this.pending ? cancel : nothing
  }

  /** RFC 3261 §16.7 step 6: 6xx, else the lowest class, in it what asks the caller for something. */
  best(): Branch {
    return this.branches.reduce((best, branch) => (rank(branch) < rank(best) ? branch : best))
  }
}

/** 4xx answers that help the caller to try again. */
const helpful = new Set([401, 407, 415, 420, 484])

/** Lower is better. */
function rank({ final, isLocal }: BranchRecord): number {
  const { status } = final!
  if (status >= 600) return 0
  // RFC 3261 §16.7 step 6: a 503 is no answer to hand on when there is any other.
  if (status === 503) return 10_000
  return Math.floor(status / 100) * 1000 + rankInClass(status, isLocal)
}

/** Somebody's word says more than nobody's: what was made here comes last, and a 408, which tells of nobody. */
function rankInClass(status: number, isLocal: boolean): number {
  if (isLocal) return 300
  if (helpful.has(status)) return 0
  return status === 408 ? 200 : 100
}
