/**
 * A byte stream to messages (RFC 3261 §7.5, §18.3): cuts after each body, wherever the chunks are cut. Looks for nothing but the end of
 * the head and its Content-Length; `parse.ts` reads what comes out. Holds one unfinished message at most, and that within its limit.
 */
import { isDigits, trim } from './chars.ts'
import { defaultLimits } from './parse.ts'

/** Where the next message begins is lost: the connection has to be closed. */
export type FramingFault = 'head_too_long' | 'no_content_length' | 'bad_content_length' | 'body_too_large'

export type Framed =
  /** One message: start line, head, body. */
  | { readonly kind: 'message'; readonly bytes: Buffer }
  /** RFC 5626 §4.4.1: the second of two CR LF between messages asks for one CR LF back; the first may be the answer to a ping of ours. */
  | { readonly kind: 'ping' | 'pong' }
  /** The last that comes. `bytes` is the head, or as much of it as may be held: perhaps it can be answered. */
  | { readonly kind: 'fault'; readonly fault: FramingFault; readonly bytes: Buffer }

const CR = 0x0d
const LF = 0x0a
const nothing = Buffer.alloc(0)

export class Framer {
  readonly #limit: number
  /** What is held stands from 0 to `#end`. */
  #bytes = nothing
  #end = 0
  /** How far into the held bytes the end of the head has been looked for. */
  #searched = 0
  /** The whole message's length once its head has been read, else 0. */
  #length = 0
  /** CR LF pairs since the last message. */
  #emptyLines = 0
  #isBroken = false

  /** `limit`: bytes of a whole message. */
  constructor(limit = defaultLimits.size) {
    this.#limit = limit
  }

  /** Takes the next bytes of the stream and gives what they complete, in order. After a fault nothing comes any more. */
  push(chunk: Buffer): Framed[] {
    const framed: Framed[] = []
    // In portions, so that what is held is bounded by the limit and not by the chunk.
    for (let at = 0; at < chunk.length && !this.#isBroken; at += this.#limit) {
      this.#hold(chunk.subarray(at, at + this.#limit))
      this.#cut(framed)
    }
    return framed
  }

  #cut(framed: Framed[]): void {
    let at = 0
    for (;;) {
      if (this.#length === 0) at = this.#skipEmptyLines(at, framed)
      const next = this.#next(at)
      if (next === undefined) break
      framed.push(next)
      if (next.kind !== 'message') return this.#break()
      at += next.bytes.length
      this.#searched = this.#length = this.#emptyLines = 0
    }
    this.#keepFrom(at)
  }

  /** RFC 3261 §7.5: empty lines before a start line are no part of it. A lone CR may become one with the next chunk. */
  #skipEmptyLines(from: number, framed: Framed[]): number {
    let at = from
    for (;;) {
      if (this.#byte(at) === CR && this.#byte(at + 1) === LF) {
        framed.push({ kind: this.#emptyLines++ % 2 === 0 ? 'pong' : 'ping' })
        at += 2
      } else if (this.#byte(at) === LF) {
        at++
      } else {
        return at
      }
    }
  }

  /** The message or the fault that begins at `at`; undefined when more is needed. */
  #next(at: number): Framed | undefined {
    const held = this.#end - at
    if (this.#length === 0) {
      const head = this.#headLength(at)
      if (head > this.#limit || (head === 0 && held > this.#limit)) return this.#fault('head_too_long', at, this.#limit)
      if (head === 0) return undefined
      const body = bodyLength(this.#bytes.toString('latin1', at, at + head))
      if (typeof body === 'string') return this.#fault(body, at, head)
      if (head + body > this.#limit) return this.#fault('body_too_large', at, head)
      this.#length = head + body
    }
    return held < this.#length ? undefined : { kind: 'message', bytes: this.#copy(at, this.#length) }
  }

  /** The head's length with its empty line, or 0. Lone LFs end lines here as they do in `parse.ts`. */
  #headLength(at: number): number {
    let lineFeed = this.#find(at + this.#searched)
    while (lineFeed >= 0) {
      const after = this.#byte(lineFeed + 1) === CR ? lineFeed + 2 : lineFeed + 1
      if (this.#byte(after) === LF) return after + 1 - at
      // What follows this line feed has not come yet: it is looked at once more then.
      this.#searched = lineFeed - at
      if (after >= this.#end) return 0
      lineFeed = this.#find(lineFeed + 1)
    }
    this.#searched = Math.max(this.#searched, this.#end - at)
    return 0
  }

  #find(from: number): number {
    const found = this.#bytes.indexOf(LF, from)
    return found < this.#end ? found : -1
  }

  #byte(at: number): number | undefined {
    return at < this.#end ? this.#bytes[at] : undefined
  }

  #fault(fault: FramingFault, at: number, length: number): Framed {
    return { kind: 'fault', fault, bytes: this.#copy(at, length) }
  }

  #copy(at: number, length: number): Buffer {
    return Buffer.from(this.#bytes.subarray(at, at + length))
  }

  #hold(chunk: Buffer): void {
    const needed = this.#end + chunk.length
    if (needed > this.#bytes.length) {
      // Doubled, so that a stream of single bytes is not copied over and over.
      const larger = Buffer.allocUnsafe(Math.max(needed, Math.min(2 * this.#bytes.length, 2 * this.#limit)))
      this.#bytes.copy(larger, 0, 0, this.#end)
      this.#bytes = larger
    }
    chunk.copy(this.#bytes, this.#end)
    this.#end = needed
  }

  #keepFrom(at: number): void {
    if (at === this.#end) this.#bytes = nothing
    else if (at > 0) this.#bytes.copyWithin(0, at, this.#end)
    this.#end -= at
  }

  #break(): void {
    this.#isBroken = true
    this.#bytes = nothing
    this.#end = 0
  }
}

/** Name, blanks and colon as `parse.ts` takes them, lines unfolded; the start line is none. */
const contentLength = /\n(?:content-length|l)[ \t]*:([^\n]*)/gi
const fold = /\r?\n[ \t]+/g

/** RFC 3261 §18.3: on a stream a Content-Length there must be, and one that can be believed. */
function bodyLength(head: string): number | 'no_content_length' | 'bad_content_length' {
  const [first, second] = head.replace(fold, ' ').matchAll(contentLength)
  if (first === undefined) return 'no_content_length'
  const value = trim(first[1]!)
  if (second !== undefined || !isDigits(value)) return 'bad_content_length'
  return Number(value)
}
