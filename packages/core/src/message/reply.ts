/** A response to a request, by RFC 3261 §8.2.6: the fields that it copies, and a To tag. */
import { withTag } from './address.ts'
import { Field } from './field.ts'
import { H, isSingle } from './header-names.ts'
import { Message, reasonBytes } from './message.ts'

/** The reason phrases of RFC 3261 §21 and the extensions a proxy answers with. */
// prettier-ignore
const reasons: Record<number, string> = {
  100: 'Trying', 180: 'Ringing', 181: 'Call Is Being Forwarded', 182: 'Queued', 183: 'Session Progress',
  200: 'OK', 202: 'Accepted', 300: 'Multiple Choices', 301: 'Moved Permanently', 302: 'Moved Temporarily',
  305: 'Use Proxy', 380: 'Alternative Service', 400: 'Bad Request', 401: 'Unauthorized', 402: 'Payment Required',
  403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 406: 'Not Acceptable',
  407: 'Proxy Authentication Required', 408: 'Request Timeout', 410: 'Gone', 412: 'Conditional Request Failed',
  413: 'Request Entity Too Large', 414: 'Request-URI Too Long', 415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme', 420: 'Bad Extension', 421: 'Extension Required', 423: 'Interval Too Brief',
  430: 'Flow Failed', 440: 'Max-Breadth Exceeded', 480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist', 482: 'Loop Detected', 483: 'Too Many Hops', 484: 'Address Incomplete',
  485: 'Ambiguous', 486: 'Busy Here', 487: 'Request Terminated', 488: 'Not Acceptable Here', 491: 'Request Pending',
  493: 'Undecipherable', 500: 'Server Internal Error', 501: 'Not Implemented', 502: 'Bad Gateway',
  503: 'Service Unavailable', 504: 'Server Time-out', 505: 'Version Not Supported', 513: 'Message Too Large',
  600: 'Busy Everywhere', 603: 'Decline', 604: 'Does Not Exist Anywhere', 606: 'Not Acceptable',
}

export function reasonOf(status: number): string {
  return reasons[status] ?? 'Unknown'
}

/** One for all, as nobody changes a field. */
const noBody = Field.make(H.ContentLength, '0')

/** `toTag`, as bytes, is added when the request's To has none; '' leaves it without, as in a 100. */
export function makeResponse(request: Message, status: number, reason: string, toTag: string): Message {
  const fields: Field[] = []
  let singles = 0
  for (const field of request.fields) {
    // A broken request may hold two Call-IDs; its answer holds one.
    if (isSingle[field.id]) {
      if ((singles & (1 << field.id)) !== 0) continue
      singles |= 1 << field.id
    }
    if (field.id === H.To)
      fields.push(toTag === '' || request.toTag !== '' ? field : Field.make(H.To, withTag(field.value, toTag)))
    else if (isCopied(field.id, status)) fields.push(field)
  }
  fields.push(noBody)
  const response = Message.response(status, reason === '' ? reasonOf(status) : reasonBytes(reason), fields)
  response.source = request.source
  return response
}

function isCopied(id: number, status: number): boolean {
  if (id === H.Via || id === H.From || id === H.CallId || id === H.CSeq) return true
  // RFC 3261 §8.2.6.1: Timestamp in a 100. §12.1.1: Record-Route in what establishes a dialog.
  return (id === H.Timestamp && status === 100) || (id === H.RecordRoute && status > 100 && status < 300)
}
