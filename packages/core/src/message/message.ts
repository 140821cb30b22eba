/**
 * A SIP message: start line, fields in order, body. Everything is bytes in a latin1 string; values are read when somebody asks and
 * kept. What routes see is made of this in runtime/; what stands on the wire is `toWire`.
 */
import { Address, tagOf, usualTag } from './address.ts'
import { splitOutside, toBytes, unfold } from './chars.ts'
import { Field, wanted } from './field.ts'
import { H, isList, type HeaderId } from './header-names.ts'
import { readCSeq, type CSeq } from './cseq.ts'
import { endOfFirst, firstOf, startOfFirst, startOfSecond, valuesFrom } from './lists.ts'
import type { Replaced } from './replaced.ts'
import { parseVia, type Via } from './via.ts'
import { Uri } from './uri.ts'

/** Where a message came from. */
export interface Source {
  readonly transport: string
  readonly address: string
  readonly port: number
}

export class Message {
  /** 0 for a request. */
  readonly status: number
  /** As bytes. */
  readonly reason: string
  readonly #method: string
  #requestUri: string
  #uri: Uri | undefined
  #fields: Field[]
  /** What holds the body, and the start line where that may leave as it came. */
  #text: string
  /** Where the start line stands in it; an empty stretch: it is to be written. */
  #lineAt: number
  #lineEnd: number
  #bodyAt: number
  #bodyEnd: number
  #cseq: CSeq | undefined
  #topVia: Via | undefined
  #fromTag: string | undefined
  #toTag: string | undefined
  #callId: string | undefined
  source: Source | undefined
  /** Where it is to be sent to when the request does not say it itself: Kamailio's `$du`. Never on the wire. */
  nextHop: Uri | undefined
  /** What From and To are to say when it leaves. */
  replaced: Replaced | undefined

  private constructor(
    method: string,
    requestUri: string,
    status: number,
    reason: string,
    fields: Field[],
    body: string,
  ) {
    this.#method = method
    this.#requestUri = requestUri
    this.#uri = undefined
    this.status = status
    this.reason = reason
    this.#fields = fields
    this.#text = body
    this.#lineAt = 0
    this.#lineEnd = 0
    this.#bodyAt = 0
    this.#bodyEnd = body.length
    this.#cseq = undefined
    this.#topVia = undefined
    this.#fromTag = undefined
    this.#toTag = undefined
    this.#callId = undefined
    this.source = undefined
    this.nextHop = undefined
    this.replaced = undefined
  }

  static request(method: string, requestUri: string, fields: Field[] = [], body = ''): Message {
    return new Message(method, requestUri, 0, '', fields, body)
  }

  static response(status: number, reason: string, fields: Field[] = [], body = ''): Message {
    return new Message('', '', status, reason, fields, body)
  }

  /** The same message to be edited apart: fields are shared, the list is not. */
  clone(): Message {
    // Not `slice`: what grew by itself has room for the fields that we add.
    const fields: Field[] = []
    for (const field of this.#fields) fields.push(field)
    const copy = new Message(this.#method, this.#requestUri, this.status, this.reason, fields, this.#text)
    copy.#lineAt = this.#lineAt
    copy.#lineEnd = this.#lineEnd
    copy.#bodyAt = this.#bodyAt
    copy.#bodyEnd = this.#bodyEnd
    copy.#uri = this.#uri
    copy.#cseq = this.#cseq
    copy.#topVia = this.#topVia
    copy.#fromTag = this.#fromTag
    copy.#toTag = this.#toTag
    copy.#callId = this.#callId
    copy.source = this.source
    copy.nextHop = this.nextHop
    copy.replaced = this.replaced
    return copy
  }

  /** The request's method; of a response, the method its CSeq names. */
  get method(): string {
    return this.#method || (this.cseq?.method ?? '')
  }

  get isRequest(): boolean {
    return this.status === 0
  }

  /** The Request-URI as bytes. */
  get requestUri(): string {
    return this.#requestUri
  }

  set requestUri(bytes: string) {
    this.#requestUri = bytes
    this.#uri = undefined
    this.#lineEnd = this.#lineAt
  }

  /** The Request-URI read, or undefined when it is none. */
  get uri(): Uri | undefined {
    return (this.#uri ??= Uri.parse(this.#requestUri))
  }

  get fields(): readonly Field[] {
    return this.#fields
  }

  get body(): string {
    return this.#text.slice(this.#bodyAt, this.#bodyEnd)
  }

  /** Sets the body and the Content-Length that goes with it. */
  set body(bytes: string) {
    this.#text = bytes
    this.#lineAt = this.#lineEnd = this.#bodyAt = 0
    this.#bodyEnd = bytes.length
    this.put(H.ContentLength, String(bytes.length))
  }

  /** The text that it is read from, and the stretch of it that is the start line; an empty one where ours looks different. */
  cameIn(text: string, lineAt: number, lineEnd: number): void {
    this.#text = text
    this.#lineAt = lineAt
    this.#lineEnd = lineEnd
  }

  bodyStands(at: number, end: number): void {
    this.#bodyAt = at
    this.#bodyEnd = end
  }

  get callId(): string {
    return (this.#callId ??= this.value(H.CallId) ?? '')
  }

  /** Undefined when it is missing or none. */
  get cseq(): CSeq | undefined {
    if (this.#cseq !== undefined) return this.#cseq
    const field = this.#field(H.CSeq)
    return (this.#cseq = field && readCSeq(field.text, field.valueAt, field.valueEnd))
  }

  get topVia(): Via | undefined {
    if (this.#topVia !== undefined) return this.#topVia
    const field = this.#field(H.Via)
    if (field === undefined) return undefined
    const { text, end } = field
    const start = startOfFirst(text, field.valueAt, end)
    return (this.#topVia = parseVia(text, start, endOfFirst(text, start, end)))
  }

  get fromTag(): string {
    return (this.#fromTag ??= tagOf(this.value(H.From) ?? ''))
  }

  get toTag(): string {
    return (this.#toTag ??= tagOf(this.value(H.To) ?? ''))
  }

  /** Whether there is a From, or a To, that can be read. The tag is read on the way. */
  hasAddress(id: typeof H.From | typeof H.To): boolean {
    const field = this.#field(id)
    if (field === undefined) return false
    const tag = usualTag(field.text, field.valueAt, field.valueEnd)
    if (tag === undefined) return Address.parse(field.value) !== undefined
    if (id === H.From) this.#fromTag = tag
    else this.#toTag = tag
    return true
  }

  address(id: HeaderId): Address | undefined {
    const value = this.value(id)
    if (value === undefined) return undefined
    return Address.parse(isList[id] ? firstOf(value) : value)
  }

  /** Where the first field of this number stands, or -1. */
  indexOf(id: HeaderId): number {
    const fields = this.#fields
    for (let i = 0; i < fields.length; i++) if (fields[i]!.id === id) return i
    return -1
  }

  has(id: HeaderId): boolean {
    return this.indexOf(id) >= 0
  }

  /** The first field's value as bytes, undefined when there is none. */
  value(id: HeaderId): string | undefined {
    return this.#field(id)?.value
  }

  #field(id: HeaderId): Field | undefined {
    for (const field of this.#fields) if (field.id === id) return field
    return undefined
  }

  /** Every value, comma lists split. */
  values(id: HeaderId): string[] {
    const values: string[] = []
    for (const field of this.#fields) {
      if (field.id !== id) continue
      if (!isList[id]) values.push(field.value)
      else for (const part of splitOutside(unfold(field.value), ',')) if (part !== '') values.push(part)
    }
    return values
  }

  /** Fields by name, for headers without a number. */
  named(name: string): Field[] {
    const { id, lower } = wanted(name)
    return this.#fields.filter((field) => field.isNamed(id, lower))
  }

  /** Replaces the first field of this number, dropping others, or adds it at the end. */
  put(id: HeaderId, value: string): void {
    const at = this.indexOf(id)
    const field = Field.make(id, value)
    if (at < 0) {
      this.#fields.push(field)
    } else {
      this.#fields[at] = field
      for (let i = this.#fields.length - 1; i > at; i--) if (this.#fields[i]!.id === id) this.#fields.splice(i, 1)
    }
    this.#forget(id)
  }

  /** Puts a field before the first of its kind; without one, below the Vias, which stay on top. */
  prepend(field: Field): void {
    const fields = this.#fields
    let at = this.indexOf(field.id)
    if (at < 0) for (at = 0; at < fields.length && fields[at]!.id === H.Via;) at++
    // Not `splice`, which makes a list of what it takes out.
    fields.push(field)
    for (let i = fields.length - 1; i > at; i--) fields[i] = fields[i - 1]!
    fields[at] = field
    this.#forget(field.id)
  }

  prependValue(id: HeaderId, value: string): void {
    this.prepend(Field.make(id, value))
  }

  /** Puts a field behind all others. */
  append(field: Field): void {
    this.#fields.push(field)
    this.#forget(field.id)
  }

  /** Replaces the fields that `which` picks by `by`, where the first of them stood (or at the end). Says how many went. */
  replace(which: (field: Field) => boolean, by: readonly Field[]): number {
    const at = this.#fields.findIndex(which)
    const rest = this.#fields.filter((field) => !which(field))
    const went = this.#fields.length - rest.length
    rest.splice(at < 0 ? rest.length : at, 0, ...by)
    this.#fields = rest
    this.#forgetAll()
    return went
  }

  remove(id: HeaderId): void {
    this.#fields = this.#fields.filter((field) => field.id !== id)
    this.#forget(id)
  }

  /** Removes the topmost value of a list header: the whole field, or the part before the first comma. */
  removeFirstValue(id: HeaderId): void {
    const fields = this.#fields
    const at = this.indexOf(id)
    if (at < 0) return
    const field = fields[at]!
    const rest = startOfSecond(field)
    if (rest === field.end) {
      for (let i = at + 1; i < fields.length; i++) fields[i - 1] = fields[i]!
      fields.pop()
    } else fields[at] = Field.named(id, field.name, valuesFrom(field, rest))
    this.#forget(id)
    // Where it stands: the new field's text, just joined, would have to be written out for it.
    if (id === H.Via && rest < field.end)
      this.#topVia = parseVia(field.text, rest, endOfFirst(field.text, rest, field.end))
  }

  /** Replaces the topmost value of a list header, if there is one. */
  replaceFirstValue(id: HeaderId, value: string): void {
    const at = this.indexOf(id)
    if (at < 0) return
    const field = this.#fields[at]!
    const rest = startOfSecond(field)
    const others = rest === field.end ? '' : ', ' + valuesFrom(field, rest)
    this.#fields[at] = Field.named(id, field.name, value + others)
    this.#forget(id)
  }

  /** The message as it goes on the wire. Neighbouring parts that nobody touched are one slice. */
  toWire(): string {
    let text = this.#text
    let from = this.#lineAt
    let to = this.#lineEnd
    let out = to > from ? '' : this.#startLine()
    const fields = this.#fields
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!
      if (field.start !== to || field.text !== text) {
        if (to > from) out += text.slice(from, to)
        text = field.text
        from = field.start
      }
      to = field.end + 2
    }
    // The empty line stands between what came of head and body.
    if (to === this.#bodyAt - 2 && text === this.#text) return out + text.slice(from, this.#bodyEnd)
    return out + text.slice(from, to) + '\r\n' + this.body
  }

  #startLine(): string {
    if (this.status === 0) return this.#method + ' ' + this.#requestUri + ' SIP/2.0\r\n'
    return 'SIP/2.0 ' + this.status + ' ' + this.reason + '\r\n'
  }

  #forget(id: HeaderId): void {
    if (id === H.Via) this.#topVia = undefined
    else if (id === H.CSeq) this.#cseq = undefined
    else if (id === H.To) this.#toTag = undefined
    else if (id === H.From) this.#fromTag = undefined
    else if (id === H.CallId) this.#callId = undefined
  }

  #forgetAll(): void {
    this.#topVia = this.#cseq = this.#toTag = this.#fromTag = this.#callId = undefined
  }
}

/** A reason phrase as bytes, with what would break the line left out. */
export function reasonBytes(reason: string): string {
  // eslint-disable-next-line no-control-regex
  return toBytes(reason).replace(/[\x00-\x1f\x7f]/g, ' ')
}
