/**
 * 32 bits of texts that come from the network, for `table.ts`. Each letter is multiplied by the secret of its place, so that two texts fall together by
 * chance alone: who could choose such that do would have each of his requests compared with all that came before.
 */
import { randomFillSync } from 'node:crypto'

/** How many letters have a secret of their own. */
const PLACES = 128

/** Of one kind of text: parts that are added up must not be able to change places. */
export type Secrets = Int32Array

export function makeSecrets(): Secrets {
  return randomFillSync(new Int32Array(PLACES))
}

/** `before`: of the parts in front of it. */
export function hashOf(text: string, secrets: Secrets, before = 0): number {
  let hash = before
  for (let i = 0; i < text.length; i++) {
    const place = i % PLACES
    // Where the secrets begin anew, letters that have changed places must tell.
    if (place === 0) hash = spread(hash)
    hash = (hash + Math.imul(text.charCodeAt(i), secrets[place]!)) | 0
  }
  return hash
}

/** Numbers that follow each other come to lie apart. */
export function spread(number: number): number {
  return Math.imul(number ^ (number >>> 15), 0x9e3779b1)
}

/** What comes last: of a sum the highest bits are mixed best, and a table looks at the lowest. */
export function folded(hash: number): number {
  return hash ^ (hash >>> 16)
}
