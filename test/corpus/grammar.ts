/** Messages after the grammar of RFC 3261 §25.1, as odd as it lets them be, and now and then a little odder. */
import type { Random } from './random.ts'

type Make = (random: Random) => string

const oneOf =
  (...makes: readonly (string | Make)[]): Make =>
  (random) => {
    const make = random.pick(makes)
    return typeof make === 'string' ? make : make(random)
  }

const inRow =
  (...makes: readonly (string | Make)[]): Make =>
  (random) =>
    makes.map((make) => (typeof make === 'string' ? make : make(random))).join('')

const several =
  (make: Make, least: number, most: number, between: string | Make = ''): Make =>
  (random) => {
    let out = ''
    const count = least + random.below(most - least + 1)
    for (let i = 0; i < count; i++) out += (i === 0 ? '' : inRow(between)(random)) + make(random)
    return out
  }

const maybe = (make: string | Make): Make => oneOf('', inRow(make))

const blank = oneOf(' ', ' ', '  ', '\t', '\r\n ', ' \r\n\t')
const loose = oneOf('', '', '', blank)
const token = several(oneOf(..."abcXYZ019-.!%*_+`'~"), 1, 9)
const octet: Make = (random) => String.fromCharCode(random.below(256))
const escape = oneOf('%41', '%00', '%25', '%40', '%3b', '%C3%A9')
const user = several(oneOf(..."abc019-_.!~*'()&=+$,;?/", escape), 1, 10)
const host = oneOf('127.0.0.1', 'example.com', '[2001:db8::1]', '[::ffff:192.0.2.1]', 'a.b.c.', 'X')
const port = maybe(oneOf(':5060', ':5080', ':1', ':65535', ':0'))
const param = inRow(
  ';',
  loose,
  oneOf('lr', 'transport=udp', 'maddr=192.0.2.7', 'x=%79', 'user=phone', 'method=INVITE', inRow(token, '=', token)),
)
const uri = oneOf(
  inRow(
    oneOf('sip:', 'sips:', 'SIP:'),
    maybe(inRow(user, maybe(inRow(':', several(oneOf(...'ab1&=+$,'), 0, 5))), '@')),
    host,
    port,
  ),
  inRow('sip:', user, '@', host, port, several(inRow(';', token, maybe(inRow('=', token))), 0, 3)),
  inRow('sip:', host, '?', token, '=', token),
  inRow('tel:', several(oneOf(...'+0123456789-.()'), 1, 12), maybe(';phone-context=+1')),
  inRow(token, ':', token),
)
const quoted = inRow('"', several(oneOf('a', ' ', '\\"', '\\\\', '\\\0', '\xc3\xa9', '<', ',', ';'), 0, 8), '"')
const display = oneOf('', quoted, several(token, 1, 3, ' '))
const address = oneOf(inRow(display, loose, '<', uri, '>'), uri)
const tagged = inRow(address, maybe(inRow(loose, ';', loose, 'tag', loose, '=', loose, token)), several(param, 0, 2))
const via = inRow(
  'SIP', loose, '/', loose, '2.0', loose, '/', loose, oneOf('UDP', 'TCP', 'TLS', token), blank, host, port,
  several(inRow(loose, ';', loose, oneOf(inRow('branch=z9hG4bK', token), inRow('branch=', token), 'rport', 'received=192.0.2.9', 'ttl=1', token)), 0, 3),
) // prettier-ignore
const comma = inRow(loose, ',', loose)
const colon = oneOf(':', ': ', ' : ', inRow(loose, ':', blank))
const text = several(oneOf('a', ' ', ',', ';', '"', '\\', '\xff', '\xc3\xbc', '\r\n ', '<', '>', '='), 0, 20)
const header = (names: readonly string[], value: Make): Make => inRow(oneOf(...names), colon, value)

/** `CSeq` is made with the method, so that most messages get past the first look. */
const others = oneOf(
  header(['Contact', 'm', 'CONTACT'], oneOf('*', several(inRow(address, several(param, 0, 2)), 0, 3, comma))),
  header(
    ['Route', 'Record-Route', 'Path', 'Service-Route'],
    several(inRow('<', uri, '>', several(param, 0, 2)), 0, 3, comma),
  ),
  header(['Supported', 'k', 'Require', 'Allow'], several(token, 0, 4, comma)),
  header(
    ['Proxy-Authenticate', 'Authorization'],
    inRow('Digest realm=', quoted, comma, 'nonce=', quoted, maybe(', qop="auth"')),
  ),
  header(['Subject', 's', 'X-Y', 'Warning', 'Date'], text),
  header(['Via', 'v'], several(via, 1, 2, comma)),
  header(['Expires', 'Min-SE', 'Timestamp', 'Max-Breadth', 'Retry-After'], oneOf('0', '1', '99999999999', token)),
)

const requestMethod = oneOf('INVITE', 'OPTIONS', 'BYE', 'ACK', 'CANCEL', 'REGISTER', 'MESSAGE', token)

export function grammatical(random: Random): string {
  const isRequest = random.below(3) > 0
  const method = requestMethod(random)
  const start = isRequest
    ? `${method} ${uri(random)} SIP/2.0`
    : `SIP/2.0 ${100 + random.below(600)} ${text(random).replace(/[\r\n]/g, '')}`
  const body = random.oneIn(2) ? '' : several(octet, 0, 60)(random)
  const fields = [
    header(['Via', 'v', 'VIA'], several(via, 1, 2, comma))(random),
    header(['From', 'f'], tagged)(random),
    header(['To', 't'], tagged)(random),
    header(['Call-ID', 'i'], inRow(token, maybe(inRow('@', token))))(random),
    `CSeq${colon(random)}${random.below(2 ** 31)}${blank(random)}${method}`,
    ...(random.oneIn(4) ? [] : [`Max-Forwards${colon(random)}${random.below(256)}`]),
    ...(random.oneIn(3) ? [] : [`${random.pick(['l', 'Content-Length'])}${colon(random)}${body.length}`]),
  ]
  for (let more = random.below(8); more > 0; more--) fields.splice(random.below(fields.length + 1), 0, others(random))
  return [start, ...fields, '', body].join('\r\n')
}
