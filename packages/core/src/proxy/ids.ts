/** Branches and tags: unguessable beginning, then a counter. A test hands in a fixed beginning and gets the same ids every time. */
import { randomBytes } from 'node:crypto'
import { MAGIC_COOKIE } from '../message/via.ts'

export class Ids {
  readonly #instance: string
  #branches = 0
  #tags = 0

  constructor(instance = randomBytes(6).toString('hex')) {
    this.#instance = instance
  }

  branch(): string {
    return MAGIC_COOKIE + this.#instance + '.' + (++this.#branches).toString(36)
  }

  tag(): string {
    return this.#instance + '-' + (++this.#tags).toString(36)
  }
}
