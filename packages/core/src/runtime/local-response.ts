/** Responses that a route makes: checked before anything is sent. */
import type { Reply, UriLike } from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'
import { breaksLine, toBytes } from '../message/chars.ts'
import { Field } from '../message/field.ts'
import { newField } from '../message/headers.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { Uri } from '../message/uri.ts'
import type { ProxyTransaction } from '../proxy/proxy-transaction.ts'

type ReplyOptions = NonNullable<Parameters<Reply>[2]>

export function makeReply(
  transaction: ProxyTransaction,
  status: number,
  reason: string,
  { headers = {}, body }: ReplyOptions,
): Message {
  if (!Number.isInteger(status) || status < 100 || status > 699) {
    throw new SignalboxError('BAD_STATUS', `reply(${String(status)}): a status is between 100 and 699`)
  }
  if (breaksLine(reason))
    throw new SignalboxError('BAD_HEADER', `a reason that would break the message: ${JSON.stringify(reason)}`)
  const response = transaction.localResponse(status, reason)
  for (const [name, value] of Object.entries(headers)) {
    for (const each of typeof value === 'string' ? [value] : value) response.append(newField(name, each))
  }
  if (body !== undefined)
    response.body = typeof body === 'string' ? toBytes(body) : Buffer.from(body).toString('latin1')
  if (transaction.isInvite && status > 100 && status < 300) makeCallee(transaction, response)
  return response
}

/** RFC 3261 §12.1.1: what answers an INVITE says where later requests of the dialog are to go. */
function makeCallee(transaction: ProxyTransaction, response: Message): void {
  if (response.has(H.Contact)) return
  const { local, address } = transaction.server.flow
  response.append(Field.make(H.Contact, '<sip:' + local.sentBy(address) + '>'))
}

/** RFC 3261 §21.3.3. */
export function makeRedirect(transaction: ProxyTransaction, contacts: readonly UriLike[]): Message {
  if (contacts.length === 0) throw new SignalboxError('BAD_TARGET', 'redirect([]) names nobody to go to')
  const response = transaction.localResponse(302, '')
  for (const contact of contacts) response.append(Field.make(H.Contact, '<' + Uri.from(contact).bytes + '>'))
  return response
}
