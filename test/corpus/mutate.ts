/** Does to a message what networks, bugs and enemies do. Bytes as latin1 text. */
import type { Random } from './random.ts'

const pieces = [
  '\r\n', '\n', '\r', '\0', ' ', '\t', '\r\n ', ':', ';', ',', '"', '\\', '<', '>', '=', '%', '%00', '%zz', '@', '?', '&', '[', ']',
  '\xff', '\xc3\xa9', '//', '*', '-1', '0', '4294967296', '2147483648', 'z9hG4bK', 'SIP/2.0', 'SIP/7.0', ';lr', ';rport', ';tag=',
  ';branch=', ';maddr=127.0.0.1', ';received=', 'sip:', 'sips:', 'tel:', 'urn:x', '[::1]', '127.0.0.1:5080', '\r\n\r\n',
] // prettier-ignore

const lines = [
  'Via: SIP/2.0/UDP 127.0.0.1', 'v: SIP/2.0/TCP [::1]:5080;branch=z9hG4bKx', 'Route: <sip:127.0.0.1:5080;lr>', 'Route: <sip:127.0.0.1:5080>',
  'Route: <sip:127.0.0.1:5080;lr;cs=1;ftag=a>', 'Route: ,', 'Record-Route: x', 'Max-Forwards: 0', 'Max-Forwards: x', 'l: 0', 'l: 5', 'CSeq: 1 ACK',
  'Proxy-Require: x', 'Require: 100rel', 'To: <sip:a@b>;tag=', 'Content-Length: 99999', 'WWW-Authenticate: Digest realm="', 'Timestamp: 1',
  'Proxy-Authenticate: Digest realm="r", nonce="n"', 'Call-ID:', 'Contact: *', 'Retry-After: -1', 'Max-Breadth: 0',
] // prettier-ignore

const methods = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'REGISTER', 'PRACK', 'UPDATE', 'invite', 'X']

/** `others` lends pieces of itself. */
export function mutated(text: string, others: readonly string[], random: Random): string {
  let out = text
  for (let times = 1 + random.below(5); times > 0; times--) out = random.pick(mutations)(out, others, random)
  return out.slice(0, 65_000)
}

type Mutation = (text: string, others: readonly string[], random: Random) => string

const splice = (text: string, at: number, cut: number, put: string): string =>
  text.slice(0, at) + put + text.slice(at + cut)

const mutations: readonly Mutation[] = [
  (text, _, random) => {
    const at = random.below(text.length)
    return splice(text, at, 1, String.fromCharCode((text.charCodeAt(at) ^ (1 << random.below(8))) & 0xff))
  },
  (text, _, random) => splice(text, random.below(text.length), 0, random.pick(pieces)),
  (text, _, random) => splice(text, random.below(text.length), 1 + random.below(4), random.pick(pieces)),
  (text, _, random) => splice(text, random.below(text.length), 1 + random.below(60), ''),
  (text, _, random) => text.slice(0, random.below(text.length)),
  (text, _, random) => {
    const [at, length] = [random.below(text.length), 1 + random.below(80)]
    return splice(text, at, 0, text.slice(at, at + length).repeat(1 + random.below(random.oneIn(20) ? 500 : 3)))
  },
  (text, others, random) => {
    const other = random.pick(others)
    const at = random.below(other.length)
    return splice(text, random.below(text.length), random.below(40), other.slice(at, at + random.below(200)))
  },
  (text, _, random) => onLines(text, random, (all, at) => all.splice(at, 0, random.pick(lines))),
  (text, _, random) => onLines(text, random, (all, at) => all.splice(at, 1)),
  (text, _, random) => onLines(text, random, (all, at) => all.push(...all.splice(at, 1))),
  (text, _, random) => onLines(text, random, (all, at) => all.splice(at, 0, all[random.below(all.length)] ?? '')),
  (text, others, random) =>
    onLines(text, random, (all, at) => all.splice(at, 1, random.pick(random.pick(others).split('\r\n')))),
  (text, _, random) => text.replaceAll(random.pick(methods), random.pick(methods)),
  (text, _, random) => text.replace(/\d+/g, (digits) => (random.oneIn(8) ? random.pick(pieces) : digits)),
  (text) => text.replaceAll('\r\n', '\n'),
]

function onLines(text: string, random: Random, change: (all: string[], at: number) => unknown): string {
  const all = text.split('\r\n')
  change(all, random.below(all.length))
  return all.join('\r\n')
}
