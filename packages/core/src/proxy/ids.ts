/** Branches and tags: unguessable beginning, then a counter. A test hands in a fixed beginning and gets the same ids every time. */
import { randomBytes } from 'node:crypto'
import { flat } from '../message/chars.ts'
import { ownerOfCall, workerMark } from '../message/owner.ts'
import { MAGIC_COOKIE } from '../message/via.ts'

const ownBranch = /^z9hG4bK([0-9a-z]+)\.[0-9a-z]+(?:~(\d{1,6}))?\.[0-9a-z]+$/

/** One of several stacks on the same address: what it sends has to come back to it. */
export interface WorkerPlace {
  readonly worker: number
  readonly workers: number
}

const alone: WorkerPlace = { worker: 0, workers: 1 }

export class Ids {
  /** What every branch of ours begins with. */
  readonly branchPrefix: string
  readonly #instance: string
  readonly #tagPrefix: string
  readonly #place: WorkerPlace
  #branches = 0
  #tags = 0
  #calls = 0

  constructor(instance = randomBytes(6).toString('hex'), place = alone) {
    this.#instance = place.workers === 1 ? instance : instance + workerMark(place.worker)
    this.branchPrefix = flat(MAGIC_COOKIE + this.#instance + '.')
    this.#tagPrefix = flat(this.#instance + '-')
    this.#place = place
  }

  /**
   * `suffix` stands behind the last dot, and before it how far the CSeq was raised, for who finds the branch after a restart. With a `number` that is
   * not the next one it is nobody else's by its suffix.
   */
  branch(suffix = '0', shift = 0, number = (++this.#branches).toString(36)): string {
    const raised = shift === 0 ? '' : '~' + shift
    return this.branchPrefix + number + raised + '.' + suffix
  }

  /** How far the request with this branch was raised, when another process of ours sent it; undefined for any other branch. */
  shiftOfEarlier(branch: string): number | undefined {
    const [, instance, shift] = ownBranch.exec(branch) ?? []
    return instance === undefined || instance === this.#instance ? undefined : Number(shift ?? 0)
  }

  /** Whether this process made the tag. */
  isTag(tag: string): boolean {
    return tag.startsWith(this.#tagPrefix)
  }

  tag(): string {
    return this.#tagPrefix + (++this.#tags).toString(36)
  }

  /** The Call-ID of a request of our own. What belongs to the call comes back to the worker that made it. */
  callId(): string {
    const { worker, workers } = this.#place
    const callId = this.#instance + '-call-' + (++this.#calls).toString(36)
    return ownerOfCall(callId, workers) === worker ? callId : this.callId()
  }
}
