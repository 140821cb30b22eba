/** RFC 3261 §19.1 and RFC 3966: reading, changing and comparing URIs; what would break a message is refused. */
import type { UriParts } from '@signalbox/dsl'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isToken, toBytes } from './chars.ts'
import { readHostPort, Uri } from './uri.ts'

const seed = 3261
const badUri = expect.objectContaining({ name: 'SignalboxError', code: 'BAD_URI' })

function uri(text: string): Uri {
  const parsed = Uri.parse(text)
  if (parsed === undefined) throw new Error(`no URI: ${text}`)
  return parsed
}

function parts(text: string): unknown[] {
  const { scheme, user, password, host, port } = uri(text)
  return [scheme, user, password, host, port]
}

describe('Uri.parse', () => {
  it.each([
    ['sip:alice@atlanta.com', ['sip', 'alice', '', 'atlanta.com', undefined]],
    ['SIPS:Alice:sEcret@ATLANTA.com:5061', ['sips', 'Alice', 'sEcret', 'atlanta.com', 5061]],
    ['sip:atlanta.com', ['sip', '', '', 'atlanta.com', undefined]],
    ['sip:+1-212-555-1212:1234@gateway.com;user=phone', ['sip', '+1-212-555-1212', '1234', 'gateway.com', undefined]],
    ['sip:alice@[2001:DB8::10]:5070', ['sip', 'alice', '', '[2001:db8::10]', 5070]],
    ['sip:[2001:db8::10:5070]', ['sip', '', '', '[2001:db8::10:5070]', undefined]],
    ['sip:user@[::ffff:192.0.2.10];lr', ['sip', 'user', '', '[::ffff:192.0.2.10]', undefined]],
    ['sip:alice;day=tuesday@atlanta.com', ['sip', 'alice;day=tuesday', '', 'atlanta.com', undefined]],
    ['sip:a?b/c@atlanta.com?subject=x', ['sip', 'a?b/c', '', 'atlanta.com', undefined]],
    ['sip:sips%3Auser%40example.com@example.net', ['sip', 'sips:user@example.com', '', 'example.net', undefined]],
    ['sip:J\xc3\xbcrgen@h', ['sip', 'Jürgen', '', 'h', undefined]],
    ['tel:+49-30-1234;ext=5', ['tel', '+49-30-1234', '', '', undefined]],
    ['tel:*31#;phone-context=example.com', ['tel', '*31#', '', '', undefined]],
    ['http://example.com/a?b', ['http', '', '', '', undefined]],
    ['isbn:2983792873', ['isbn', '', '', '', undefined]],
  ])('RFC 3261 §19.1.1: %s', (text, expected) => {
    expect(parts(text)).toEqual(expected)
    expect(uri(text).bytes).toBe(text)
  })

  it.each([
    ['', 'nothing'],
    ['sip', 'no colon'],
    [':a@b', 'no scheme'],
    ['1sip:a', 'a digit first'],
    ['sip:', 'no host'],
    ['sip:a@', 'no host behind the user'],
    ['sip:@b', 'an empty user'],
    ['sip:a@b@c', 'two @'],
    ['sip:a@b:', 'an empty port'],
    ['sip:a@b:x', 'a port that is none'],
    ['sip:a@b:65536', 'a port out of range'],
    ['sip:2001:db8::10', 'IPv6 without brackets'],
    ['sip:a@[2001:db8::10', 'IPv6 without its end'],
    ['sip:a@[2001:db8::10]5060', 'IPv6 with a port and no colon'],
    ['sip:a%2@b', 'half an escape'],
    ['sip:a:p;w@b', 'a password with what may not stand'],
    ['sip:a@b;', 'an empty parameter'],
    ['sip:a@b;=x', 'a parameter without a name'],
    ['sip:a@b;x=%', 'half an escape in a parameter'],
    ['sip:a b@c', 'a blank'],
    ['sip:a@b;\tlr', 'a tab'],
    ['sip:a@b\r\nX: y', 'a line break'],
    ['sip:a\0@b', 'a NUL'],
    ['<sip:a@b>', 'brackets'],
    ['sip:"a"@b', 'quotes'],
    ['tel:', 'no number'],
    ['tel:abz', 'no digits'],
    ['tel:1 2', 'a blank in a number'],
    ['http://a b', 'a blank in an opaque one'],
    ['http://a\r\nb', 'a line break in an opaque one'],
  ])('RFC 3261 §25.1: %j is none: %s', (text) => {
    expect(Uri.parse(text)).toBeUndefined()
    expect(() => Uri.from(text)).toThrow(badUri)
  })

  it('RFC 3261 §19.1.1: parameters, by name in any case, flags as the empty string', () => {
    const address = uri('sip:h;Transport=TCP;lr;x=%61b')
    expect([address.param('transport'), address.param('LR'), address.param('x'), address.param('y')]).toEqual([
      'TCP',
      '',
      'ab',
      undefined,
    ])
    expect(uri('tel:+1;phone-context=a.b').param('phone-context')).toBe('a.b')
  })

  it('RFC 4475 §3.1.1.3: escapes in parameter names are names too, and values are unescaped once', () => {
    const address = uri('sip:caller@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31')
    expect([address.param('lr'), address.param('name')]).toEqual(['', 'value%41'])
  })

  it('RFC 4475 §3.1.1.4: an escaped NUL is a character of the user', () => {
    expect(uri('sip:null-%00-null@example.com').user).toBe('null-\0-null')
  })

  it('RFC 4475 §3.1.1.9: parameters in the user are of the user', () => {
    const address = uri('sip:user;par=u%40example.net@example.com')
    expect([address.user, address.host, address.param('par')]).toEqual([
      'user;par=u@example.net',
      'example.com',
      undefined,
    ])
  })

  it('RFC 3261 §19.1.1: header components stand behind ?', () => {
    expect(uri('sip:h;lr?Route=%3Csip:x%3E&a=b').headers).toBe('?Route=%3Csip:x%3E&a=b')
    expect([uri('sip:a?b@h').headers, uri('sip:h').headers, uri('tel:1').headers, uri('http://x').headers]).toEqual([
      '',
      '',
      '',
      '',
    ])
  })

  it('never throws, and what it takes stays within one line and one pair of brackets', () => {
    const piece = fc.constantFrom(...'sip:tel@;?=&%[]<>",.:/+ \t\r\n\0aé0', '\xc3\xbc', '%41', 'sip:', '@')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
        const text = 'sip:' + pieces.join('')
        const parsed = Uri.parse(text)
        if (parsed === undefined) return
        expect(parsed.bytes).not.toMatch(/[\s\0<>"]/)
        expect(parsed.equals(uri(text))).toBe(true)
      }),
      { seed, numRuns: 2000 },
    )
  })

  it('takes Unicode from a route and gives UTF-8 bytes', () => {
    expect(Uri.from('sip:jürgen@h').bytes).toBe('sip:j\xc3\xbcrgen@h')
    expect(String(Uri.from('sip:jürgen@h'))).toBe('sip:jürgen@h')
    expect(JSON.stringify({ to: Uri.from('sip:a@b') })).toBe('{"to":"sip:a@b"}')
    expect(() => Uri.from('sip:a@\u0141b')).toThrow(badUri)
  })
})

describe('Uri.with', () => {
  const base = uri('sip:alice:pw@atlanta.com:5070;lr;transport=udp?subject=x')

  it('RFC 3261 §19.1.1: changes one part and leaves the others as they were written', () => {
    expect(base.with({ user: 'bob' }).bytes).toBe('sip:bob:pw@atlanta.com:5070;lr;transport=udp?subject=x')
    expect(base.with({ password: 'x' }).bytes).toBe('sip:alice:x@atlanta.com:5070;lr;transport=udp?subject=x')
    expect(base.with({ host: 'B.example' }).bytes).toBe('sip:alice:pw@B.example:5070;lr;transport=udp?subject=x')
    expect(base.with({ port: 5080 }).port).toBe(5080)
    expect(base.with({ scheme: 'SIPS' }).scheme).toBe('sips')
    expect(base.with({}).bytes).toBe(base.bytes)
    expect(base.bytes).toBe('sip:alice:pw@atlanta.com:5070;lr;transport=udp?subject=x')
  })

  it('removes a part by the empty string, a port and a parameter by null', () => {
    expect(base.with({ user: '' }).bytes).toBe('sip:atlanta.com:5070;lr;transport=udp?subject=x')
    expect(base.with({ password: '' }).bytes).toBe('sip:alice@atlanta.com:5070;lr;transport=udp?subject=x')
    expect(base.with({ port: null }).bytes).toBe('sip:alice:pw@atlanta.com;lr;transport=udp?subject=x')
    expect(base.with({ params: { transport: null } }).bytes).toBe('sip:alice:pw@atlanta.com:5070;lr?subject=x')
  })

  it('sets parameters: a flag by the empty string, any other with its escapes', () => {
    const { bytes } = uri('sip:h;A=1;b').with({ params: { a: '2', c: '', d: 'x;y=z é' } })
    expect(bytes).toBe('sip:h;b;a=2;c;d=x%3By%3Dz%20%C3%A9')
    expect(uri(bytes).param('d')).toBe('x;y=z é')
    expect(uri('sip:h;%6C%72').with({ params: { lr: null } }).bytes).toBe('sip:h')
  })

  it('RFC 3261 §19.1.2: what may not stand in a user is escaped', () => {
    expect(base.with({ user: 'a@b:c d' }).bytes).toContain('sip:a%40b%3Ac%20d:pw@')
    expect(base.with({ user: 'jürgen' }).bytes).toContain('sip:j%C3%BCrgen:pw@')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (user) => {
        expect(base.with({ user }).user).toBe(user)
        expect(base.with({ params: { p: user } }).param('p')).toBe(user)
      }),
      { seed },
    )
  })

  it('leaves bytes that are no UTF-8 as they are', () => {
    expect(uri('sip:J\xfcrgen@h').with({ host: 'i' }).bytes).toBe('sip:J\xfcrgen@i')
  })

  const changes: UriParts[] = [
    { host: '' },
    { host: 'a b' },
    { host: 'evil;lr' },
    { host: 'a@b' },
    { host: 'a?b' },
    { host: 'a:1' },
    { host: 'a\r\nX: y' },
    { host: 'a\0' },
    { host: '\u0141ocalhost' },
    { host: '\u010a' },
    { host: '2001:db8::1' },
    { port: 65_536 },
    { port: -1 },
    { port: 1.5 },
    { port: NaN },
    { scheme: 'sip:x' },
    { scheme: '' },
    { scheme: 'sip\r\n' },
    { scheme: 's\u0141p' },
    { params: { 'a=b': '' } },
    { params: { 'a;b': '' } },
    { params: { '': 'x' } },
    { params: { 'a\r\n': '' } },
    { user: '', password: 'x' },
  ]
  it.each(changes)('refuses %j, the URI unchanged', (change) => {
    const before = uri('sip:atlanta.com')
    expect(() => before.with(change)).toThrow(badUri)
    expect(before.bytes).toBe('sip:atlanta.com')
  })

  it('lets no user, password or parameter out of its place', () => {
    for (const evil of ['a\r\nX: y', 'a@b', '\0', '>', ';lr', '?x=y', ' ', '\u010a\u010d']) {
      const { bytes } = base.with({ user: evil, password: evil, params: { p: evil } })
      expect(bytes).toMatch(/^[!-~]+$/)
      expect(parts(bytes)).toEqual(['sip', evil, evil, 'atlanta.com', 5070])
    }
  })

  it('RFC 3966 §3: a number stays a number', () => {
    expect(uri('tel:+4930').with({ user: '*31#' }).bytes).toBe('tel:*31#')
    expect(uri('tel:+4930;ext=1').with({ params: { ext: '2' } }).bytes).toBe('tel:+4930;ext=2')
    expect(uri('tel:+4930').with({ scheme: 'sip', host: 'gw.example' }).bytes).toBe('sip:+4930@gw.example')
    expect(uri('sip:+4930:pw@gw.example:5070').with({ scheme: 'tel' }).bytes).toBe('tel:+4930')
    for (const change of [{ user: '' }, { user: '1 2' }, { user: '1;ext=2' }, { host: 'h' }, { scheme: 'sip' }]) {
      expect(() => uri('tel:+4930').with(change), JSON.stringify(change)).toThrow(badUri)
    }
  })
})

describe('Uri.equals', () => {
  const equal = [
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
    ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=off'],
    ['sip:h?A=1&b=2', 'sip:h?B=2&a=1'],
    ['sip:h;%6Cr=1', 'sip:h;lr=%31'],
    ['sip:a%2fb@h', 'sip:a%2Fb@h'],
    ['tel:+1-201', 'TEL:+1-201'],
  ]
  it.each(equal)('RFC 3261 §19.1.4: %s equals %s', (a, b) => {
    expect([uri(a!).equals(b!), uri(b!).equals(uri(a!))]).toEqual([true, true])
  })

  it.each([
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:a@h', 'sips:a@h'],
    ['sip:h', 'sip:a@h'],
    ['sip:a@h', 'sip:a:pw@h'],
    ['sip:a:pw@h', 'sip:a:PW@h'],
    ['sip:a@h', 'sip:a@h;user=phone'],
    ['sip:a@h', 'sip:a@h;ttl=1'],
    ['sip:a@h', 'sip:a@h;method=INVITE'],
    ['sip:a@h', 'sip:a@h;maddr=192.0.2.1'],
    // Reserved characters are not the same as their escapes.
    ['sip:a;b@h', 'sip:a%3Bb@h'],
    ['sip:h?a=1&b=2', 'sip:h?a=1%26b=2'],
    ['sip:a%2541@h', 'sip:a%41@h'],
    ['tel:+1-201', 'tel:+1-202'],
    ['sip:a@h', 'not a uri'],
  ])('RFC 3261 §19.1.4: %s does not equal %s', (a, b) => {
    expect(uri(a).equals(b)).toBe(false)
    expect(Uri.parse(b)?.equals(a) ?? false).toBe(false)
  })

  it('RFC 4475 §3.1.1.4: two NULs are not one', () => {
    expect(uri('sip:%00@host5.example.com').equals('sip:%00%00@host5.example.com')).toBe(false)
  })
})

describe('readHostPort', () => {
  it('RFC 3261 §25.1: hostport', () => {
    expect(readHostPort('h:5060')).toEqual({ host: 'h', port: 5060 })
    expect(readHostPort('[::1]')).toEqual({ host: '[::1]', port: undefined })
    expect(readHostPort('[::1]:0')).toEqual({ host: '[::1]', port: 0 })
    for (const text of ['', ':', ':5060', 'h:', 'h:123456', 'h:-1', '::1', '[::1', '[::1]:', 'h:1:2']) {
      expect(readHostPort(text), text).toBeUndefined()
    }
  })

  it('takes tokens for names in no more places than hosts', () => {
    expect([isToken("a!%*+`'~"), readHostPort("a!%*+`'~"), readHostPort(toBytes('é'))]).toEqual([
      true,
      undefined,
      undefined,
    ])
  })
})
