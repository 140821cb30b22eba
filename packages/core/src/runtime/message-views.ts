/** The request and the response as routes see them: thin views over a message that is read when asked and changed at once. */
import type { Request as RequestType, Response as ResponseType, CSeq, Source, UriLike, Via } from '@signalbox/dsl'
import { Address } from '../message/address.ts'
import { toBytes, toUnicode } from '../message/chars.ts'
import { SignalboxError } from '../errors.ts'
import { Headers } from '../message/headers.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { asRequestUri } from '../message/request-uri.ts'
import { Uri } from '../message/uri.ts'

/** Core headers have passed `checkMessage`, so that these are always there. */
class MessageView {
  readonly message: Message
  #headers: Headers | undefined

  constructor(message: Message) {
    this.message = message
  }

  get headers(): Headers {
    return (this.#headers ??= new Headers(this.message))
  }

  get from(): Address {
    return this.message.address(H.From)!
  }

  get to(): Address {
    return this.message.address(H.To)!
  }

  get callId(): string {
    return toUnicode(this.message.callId)
  }

  get cseq(): CSeq {
    return this.message.cseq!
  }

  get contact(): Address | undefined {
    return this.message.address(H.Contact)
  }

  get via(): Via {
    return this.message.topVia!
  }

  get body(): string {
    return toUnicode(this.message.body)
  }

  get bodyBytes(): Uint8Array {
    return Buffer.from(this.message.body, 'latin1')
  }

  get source(): Source {
    const { address, port, transport } = this.message.source!
    return { address, port, transport }
  }
}

export class RequestView extends MessageView implements RequestType {
  get method(): string {
    return this.message.method
  }

  get ruri(): Uri {
    return this.message.uri!
  }

  set ruri(uri: UriLike) {
    this.message.requestUri = asRequestUri(Uri.from(uri)).bytes
  }

  get dstUri(): Uri | undefined {
    return this.message.nextHop
  }

  set dstUri(uri: UriLike | undefined) {
    this.message.nextHop = uri === undefined ? undefined : Uri.from(uri)
  }

  override get body(): string {
    return super.body
  }

  /** Sets the body; Content-Length follows. Content-Type is the route's to set. */
  override set body(text: string) {
    // A program in JavaScript may hand in anything, which would be found out when the message is written.
    if (typeof text !== 'string') throw new SignalboxError('BAD_BODY', 'a body that a route sets is a string')
    this.message.body = toBytes(text)
  }
}

export class ResponseView extends MessageView implements ResponseType {
  /** Made here because nobody answered. */
  readonly local: boolean

  constructor(message: Message, local: boolean) {
    super(message)
    this.local = local
  }

  get status(): number {
    return this.message.status
  }

  get reason(): string {
    return toUnicode(this.message.reason)
  }

  /** Highest q first (RFC 3261 §20.10); of equal ones, as they stand. */
  get contacts(): Address[] {
    const all = this.message.values(H.Contact).map((value) => Address.parse(value))
    return all.filter((contact) => contact !== undefined).sort((a, b) => qOf(b) - qOf(a))
  }
}

function qOf(contact: Address): number {
  const q = Number(contact.param('q') ?? 1)
  return Number.isFinite(q) ? q : 1
}
