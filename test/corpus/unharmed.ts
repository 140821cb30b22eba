/** RFC 3261 §16.6 and §16.7: what a proxy may change of a message on its way, and nothing else. Returns what else it changed. */
import { fieldsNamed, valueOf, without, type Text } from './text.ts'

/** Fields that have their own rules. */
const touched = ['via', 'max-forwards', 'record-route']

export function harmToRequest(sent: Text, came: Text, proxy: string): string[] {
  return [
    ...startAndBody(sent, came),
    ...compare('fields', without(sent, ...touched).fields, without(came, ...touched).fields),
    ...harmToVia(sent, came, proxy),
    ...harmToRecordRoute(sent, came, proxy),
    ...harmToMaxForwards(valueOf(sent, 'max-forwards'), valueOf(came, 'max-forwards')),
  ]
}

/** Of a response only our Via goes. */
export function harmToResponse(sent: Text, came: Text): string[] {
  const [, ...vias] = fieldsNamed(sent, 'via')
  return [
    ...startAndBody(sent, came),
    ...compare('fields', without(sent, 'via').fields, without(came, 'via').fields),
    ...compare('Via', vias, fieldsNamed(came, 'via')),
  ]
}

function startAndBody(sent: Text, came: Text): string[] {
  const length = Number(valueOf(sent, 'content-length') ?? sent.body.length)
  // RFC 3261 §18.3: what follows the body in a datagram is no part of the message.
  return [...compare('start line', sent.start, came.start), ...compare('body', sent.body.slice(0, length), came.body)]
}

/** RFC 3261 §16.6 step 8: ours is on top; §18.2.1, RFC 3581: the next one is stamped; the others stay. */
function harmToVia(sent: Text, came: Text, proxy: string): string[] {
  const [ours = '', stamped = '', ...others] = fieldsNamed(came, 'via')
  const [first = '', ...below] = fieldsNamed(sent, 'via')
  const [good, at] = [/^Via: SIP\/2\.0\/UDP (\S+);branch=z9hG4bK[^;,]+;rport$/.exec(ours), proxy]
  return [
    ...compare('our Via', at, good?.[1] ?? ours),
    ...compare('the Via that came', unstamped(first), unstamped(stamped)),
    ...compare('the Vias below', below, others),
  ]
}

function unstamped(via: string): string {
  return via
    .slice(via.indexOf(':') + 1)
    .replace(/\s+/g, '')
    .replace(/;received=[^;,]*/g, '')
    .replace(/;rport=\d+/, ';rport')
}

/** RFC 3261 §16.6 step 4: at most one of ours, above those that came. */
function harmToRecordRoute(sent: Text, came: Text, proxy: string): string[] {
  const [were, are] = [fieldsNamed(sent, 'record-route'), fieldsNamed(came, 'record-route')]
  const ours = `Record-Route: <sip:${proxy};lr>`
  return compare('Record-Route', were, are[0] === ours ? are.slice(1) : are)
}

/** RFC 3261 §16.6 step 3. */
function harmToMaxForwards(was: string | undefined, is: string | undefined): string[] {
  return compare('Max-Forwards', was === undefined ? 70 : Number(was) - 1, Number(is))
}

function compare(what: string, expected: unknown, found: unknown): string[] {
  const [a, b] = [JSON.stringify(expected), JSON.stringify(found)]
  return a === b ? [] : [`${what}: ${b} instead of ${a}`]
}
