/**
 * The two requests that are made of another one, and share its branch: the ACK to a failure, and CANCEL. Both have its topmost Via, every Route,
 * From and Call-ID.
 */
import { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import { Message } from '../message/message.ts'

/** RFC 3261 §17.1.1.3: the ACK to a non-2xx, from the request it answers and the To of the response, as it goes on the wire. */
export function ackWire(request: Message, response: Message): string {
  let routes = ''
  for (const { id, text, start, end } of request.fields) if (id === H.Route) routes += text.slice(start, end + 2)
  return (
    `ACK ${request.requestUri} SIP/2.0\r\nVia: ${request.topVia!.bytes}\r\n${routes}Max-Forwards: 70\r\n` +
    `From: ${request.value(H.From) ?? ''}\r\nCall-ID: ${request.callId}\r\nTo: ${response.value(H.To) ?? ''}\r\n` +
    `CSeq: ${request.cseq!.number} ACK\r\nContent-Length: 0\r\n\r\n`
  )
}

/** RFC 3261 §9.1: the CANCEL of a request, to be sent where it went. `reasons` say why. */
export function makeCancel(request: Message, reasons: readonly Field[] = []): Message {
  const cancel = Message.request('CANCEL', request.requestUri)
  cancel.append(Field.make(H.Via, request.topVia!.bytes))
  for (const field of request.fields) if (field.id === H.Route) cancel.append(field)
  cancel.append(Field.make(H.MaxForwards, '70'))
  cancel.append(Field.make(H.From, request.value(H.From) ?? ''))
  cancel.append(Field.make(H.CallId, request.callId))
  cancel.append(Field.make(H.To, request.value(H.To) ?? ''))
  cancel.append(Field.make(H.CSeq, request.cseq!.number + ' CANCEL'))
  for (const reason of reasons) cancel.append(reason)
  cancel.append(Field.make(H.ContentLength, '0'))
  return cancel
}
