/**
 * Text that a stranger carries for us and can neither read nor change: AES-256-GCM under a random nonce, bound to the call it was made for,
 * padded so that its length says little, in characters that a URI parameter may hold (RFC 3261 §25.1).
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { apart, flat } from '../message/chars.ts'
import { randomPortion, type RandomBytes } from '../random.ts'

/** How our values begin: no base64 of Kamailio's does. */
const MARK = '~1'
const NONCE = 12
const TAG = 16
const BLOCK = 32

/** What has been opened once is not opened again for each request of its dialog. */
const MAX_OPENED = 4_096

export class Seal {
  readonly #keys: readonly Buffer[]
  readonly #random: RandomBytes
  /** By what was opened, the one used last at the end. */
  readonly #opened = new Map<string, readonly string[]>()

  /** Of 32 bytes each: the first seals, all open. */
  constructor(keys: readonly Buffer[], random: RandomBytes = randomPortion) {
    this.#keys = keys
    this.#random = random
  }

  static isSealed(value: string): boolean {
    return value.startsWith(MARK)
  }

  /** Of a value that could be opened; no two have the same, in whatever calls. */
  static idOf(value: string): string {
    return apart(value.slice(0, MARK.length + (NONCE / 3) * 4))
  }

  /** How many opened values are kept. */
  get size(): number {
    return this.#opened.size
  }

  /** `texts` are bytes. `context` is what must be the same when it is opened. */
  seal(texts: readonly string[], context: string): string {
    const nonce = this.#random(NONCE)
    const cipher = createCipheriv('aes-256-gcm', this.#keys[0]!, nonce)
    cipher.setAAD(Buffer.from(context, 'latin1'))
    // Blanks behind JSON mean nothing.
    const json = JSON.stringify(texts)
    const padded = json.padEnd(Math.ceil(json.length / BLOCK) * BLOCK)
    const hidden = [cipher.update(padded, 'latin1'), cipher.final()]
    return MARK + Buffer.concat([nonce, ...hidden, cipher.getAuthTag()]).toString('base64url')
  }

  /** What was sealed, undefined when one bit of value or context differs or no key fits. */
  open(value: string, context: string): readonly string[] | undefined {
    const id = flat(context + '\0' + value)
    const known = this.#opened.get(id)
    if (known !== undefined) this.#opened.delete(id)
    const texts = known ?? this.#open(value, context)
    if (texts === undefined) return undefined
    if (this.#opened.size >= MAX_OPENED) this.#opened.delete(this.#opened.keys().next().value!)
    this.#opened.set(id, texts)
    return texts
  }

  #open(value: string, context: string): readonly string[] | undefined {
    const text = value.slice(MARK.length)
    const bytes = Buffer.from(text, 'base64url')
    // The decoder skips what it does not know and the bits that are left over: only the one spelling counts.
    if (!Seal.isSealed(value) || bytes.toString('base64url') !== text || bytes.length < NONCE + TAG + BLOCK) {
      return undefined
    }
    for (const key of this.#keys) {
      const texts = openWith(key, bytes, context)
      if (texts !== undefined) return texts
    }
    return undefined
  }
}

function openWith(key: Buffer, bytes: Buffer, context: string): readonly string[] | undefined {
  const end = bytes.length - TAG
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG })
  decipher.setAAD(Buffer.from(context, 'latin1'))
  decipher.setAuthTag(bytes.subarray(end))
  const padded = decipher.update(bytes.subarray(NONCE, end), undefined, 'latin1')
  try {
    decipher.final()
  } catch {
    // Not made under this key for this call, or changed since.
    return undefined
  }
  return JSON.parse(padded) as readonly string[]
}
