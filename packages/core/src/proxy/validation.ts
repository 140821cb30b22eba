/** RFC 3261 §16.3: what a request must pass before it is routed. The answer to a bad one, or undefined. */
import { numberAt } from '../message/chars.ts'
import { H, type HeaderId } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'

export interface Refusal {
  readonly status: number
  readonly reason: string
  /** What the answer says beside. */
  readonly headers?: readonly (readonly [HeaderId, string])[]
}

export function validate(request: Message): Refusal | undefined {
  return requestUri(request) ?? maxForwards(request) ?? proxyRequire(request)
}

/** RFC 3261 §16.3 steps 1 and 2: a Request-URI that can be read, of a scheme that can be routed. */
function requestUri(request: Message): Refusal | undefined {
  const { uri } = request
  // §19.1.1: header components have no place in a Request-URI.
  if (uri === undefined || uri.headers !== '') return { status: 400, reason: 'Bad Request-URI' }
  const { scheme } = uri
  if (scheme === 'sip' || scheme === 'sips' || scheme === 'tel') return undefined
  return { status: 416, reason: 'Unsupported URI Scheme' }
}

/** RFC 3261 §16.3 step 3. An OPTIONS that ends here is answered as if it were for us (§11): that is how hops are counted. */
function maxForwards(request: Message): Refusal | undefined {
  const value = request.value(H.MaxForwards)
  if (value === undefined || numberAt(value) !== 0) return undefined
  if (request.method === 'OPTIONS') return { status: 200, reason: '', headers: [[H.Accept, 'application/sdp']] }
  return { status: 483, reason: 'Too Many Hops' }
}

/** RFC 3261 §16.3 step 5: no extension that a proxy would have to know is known. CANCEL and ACK come elsewhere. */
function proxyRequire(request: Message): Refusal | undefined {
  if (!request.has(H.ProxyRequire)) return undefined
  const tags = request.values(H.ProxyRequire)
  return tags.length === 0
    ? undefined
    : { status: 420, reason: 'Bad Extension', headers: [[H.Unsupported, tags.join(', ')]] }
}
