/** Branches and tags: unguessable beginning, then a counter. A test hands in a fixed beginning and gets the same ids every time. */
import { randomBytes } from 'node:crypto'
import { MAGIC_COOKIE } from '../message/via.ts'

export class Ids {
  readonly #instance: string
  #branches = 0
  #tags = 0
  #calls = 0

  constructor(instance = randomBytes(6).toString('hex')) {
    this.#instance = instance
  }

  /** What every branch of ours begins with. */
  get branchPrefix(): string {
    return MAGIC_COOKIE + this.#instance + '.'
  }

  /** `suffix` stands behind the last dot. */
  branch(suffix = '0'): string {
    return MAGIC_COOKIE + this.#instance + '.' + (++this.#branches).toString(36) + '.' + suffix
  }

  /** Whether this process made the tag. */
  isTag(tag: string): boolean {
    return tag.startsWith(this.#instance + '-')
  }

  tag(): string {
    return this.#instance + '-' + (++this.#tags).toString(36)
  }

  /** The Call-ID of a request of our own. */
  callId(): string {
    return this.#instance + '-call-' + (++this.#calls).toString(36)
  }
}
