/**
 * One header field: a slice of some string, the datagram's or one made here. Never changed, so that every branch of a request can
 * share the fields that none of them touched.
 */
import { apart, isBlank, trim } from './chars.ts'
import { canonicalName, H, headerId, type HeaderId } from './header-names.ts'

export class Field {
  readonly id: HeaderId
  /** Holds the line; CR LF follows `end`. */
  readonly text: string
  readonly start: number
  /** Where the value begins: behind the colon and the blanks that follow it. */
  readonly valueAt: number
  /** Where the line ends: before its CR LF. */
  readonly end: number

  constructor(id: HeaderId, text: string, start: number, valueAt: number, end: number) {
    this.id = id
    this.text = text
    this.start = start
    this.valueAt = valueAt
    this.end = end
  }

  /** A field of our own. `value` is bytes without blanks around them, and must not break the line. */
  static make(id: HeaderId, value: string): Field {
    const text = beginning[id]! + value + '\r\n'
    return new Field(id, text, 0, beginning[id]!.length, text.length - 2)
  }

  static named(id: HeaderId, name: string, value: string): Field {
    const text = name + ': ' + value + '\r\n'
    return new Field(id, text, 0, name.length + 2, text.length - 2)
  }

  /** The same in memory of its own, for who keeps it longer than the message. */
  apart(): Field {
    return new Field(
      this.id,
      apart(this.text.slice(this.start, this.end + 2)),
      0,
      this.valueAt - this.start,
      this.end - this.start,
    )
  }

  /** The value without surrounding blanks; folds inside are as they came. */
  get value(): string {
    return this.text.slice(this.valueAt, this.valueEnd)
  }

  /** Where the value ends: before the blanks at the line's end. */
  get valueEnd(): number {
    let end = this.end
    while (end > this.valueAt && isBlank(this.text.charCodeAt(end - 1))) end--
    return end
  }

  /** Whether this stands somewhere in the value. */
  holds(text: string): boolean {
    const at = this.text.indexOf(text, this.valueAt)
    return at >= 0 && at < this.end
  }

  /** The name as it was written. */
  get name(): string {
    return trim(this.text.slice(this.start, this.text.indexOf(':', this.start)))
  }

  isNamed(id: HeaderId, lowerName: string): boolean {
    return this.id === id && (id !== H.Unknown || this.name.toLowerCase() === lowerName)
  }
}

/** Of the lines that we make. */
const beginning = canonicalName.map((name) => name + ': ')

/** How a header is looked for: its number, and its name in lower case when the number says nothing. */
export function wanted(name: string): { id: HeaderId; lower: string } {
  return { id: headerId(name), lower: name.toLowerCase() }
}
