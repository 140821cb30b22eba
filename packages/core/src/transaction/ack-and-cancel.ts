/** The two requests that are made of another one, and share its branch: the ACK to a failure, and CANCEL. */
import { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import { Message } from '../message/message.ts'

/** RFC 3261 §17.1.1.3: the ACK to a non-2xx, from the request it answers and the To of the response. */
export function makeAck(request: Message, response: Message): Message {
  const ack = Message.request('ACK', request.requestUri)
  copyHopByHop(request, ack)
  ack.append(Field.make(H.To, response.value(H.To) ?? ''))
  ack.append(Field.make(H.CSeq, request.cseq!.number + ' ACK'))
  ack.append(Field.make(H.ContentLength, '0'))
  return ack
}

/** RFC 3261 §9.1: the CANCEL of a request, to be sent where it went. */
export function makeCancel(request: Message): Message {
  const cancel = Message.request('CANCEL', request.requestUri)
  copyHopByHop(request, cancel)
  cancel.append(Field.make(H.To, request.value(H.To) ?? ''))
  cancel.append(Field.make(H.CSeq, request.cseq!.number + ' CANCEL'))
  cancel.append(Field.make(H.ContentLength, '0'))
  return cancel
}

/** The topmost Via, Max-Forwards, every Route, From and Call-ID: what ACK and CANCEL share with their request. */
function copyHopByHop(request: Message, to: Message): void {
  to.append(Field.make(H.Via, request.topVia!.bytes))
  for (const field of request.fields) if (field.id === H.Route) to.append(field)
  to.append(Field.make(H.MaxForwards, '70'))
  to.append(Field.make(H.From, request.value(H.From) ?? ''))
  to.append(Field.make(H.CallId, request.callId))
}
