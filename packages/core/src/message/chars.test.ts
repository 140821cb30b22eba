/** RFC 3261 §25.1: character classes, escapes and quoted strings; and the step between bytes and Unicode. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  breaksLine,
  endOfHost,
  endOfParamName,
  escapeParam,
  escapePassword,
  escapeUser,
  isDigits,
  isPasswordPart,
  isToken,
  isUserPart,
  quote,
  splitOutside,
  toBytes,
  toUnicode,
  trim,
  unescape,
  unfold,
  unquoteAt,
} from './chars.ts'

const isHost = (text: string): boolean => text !== '' && endOfHost(text, 0, text.length) === text.length
const isParamPart = (text: string): boolean => endOfParamName(text, 0, text.length) === text.length

const seed = 3261
const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) })

describe('character classes', () => {
  it('RFC 3261 §25.1: a token has its own punctuation and nothing else', () => {
    expect(isToken("!interesting-Method0123456789_*+`.%indeed'~")).toBe(true)
    for (const char of '()<>@,;:\\"/[]?={} \t\0\r\n\x7f\xe9') expect(isToken(`a${char}`), char).toBe(false)
    expect(isToken('')).toBe(false)
    expect(isToken('a b c', 2, 3)).toBe(true)
  })

  it('takes no character beyond latin1 for the one that its low byte is', () => {
    // U+0141 ends in 0x41, which is A.
    for (const test of [isToken, isHost, isUserPart, isPasswordPart, isParamPart]) expect(test('a\u0141')).toBe(false)
  })

  it.each(['example.com', '192.0.2.1', 'a_b.example', '[2001:db8::1]', '[::ffff:192.0.2.10]', '[fe80::1%eth0]'])(
    'RFC 3261 §25.1: %s is a host',
    (host) => expect(isHost(host)).toBe(true),
  )

  it.each(['', 'a b', 'a;b', 'a@b', 'a:b', 'a/b', '[', '[]', '[::1', '[::1]x', '[example]', '::1', 'a\r\nb'])(
    'RFC 3261 §25.1: %j is no host',
    (host) => expect(isHost(host)).toBe(false),
  )

  it('RFC 3261 §25.1: digits are ASCII digits and at least one', () => {
    expect([isDigits('0123456789'), isDigits(''), isDigits('-1'), isDigits('1.0'), isDigits('1a')]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
  })

  it('RFC 3261 §19.1.2: each part of a URI has its own set; % stands for an escape only', () => {
    expect(isUserPart("a-_.!~*'()&=+$,;?/%20")).toBe(true)
    expect([isUserPart('a:b'), isUserPart('a@b'), isUserPart('%'), isUserPart('%2'), isUserPart('%zz')]).toEqual(
      Array(5).fill(false),
    )
    expect([isPasswordPart('&=+$,'), isPasswordPart(';'), isPasswordPart('?')]).toEqual([true, false, false])
    expect([isParamPart('[]/:&+$'), isParamPart('='), isParamPart(';')]).toEqual([true, false, false])
  })
})

describe('escapes', () => {
  it('RFC 3261 §19.1.2: what may not stand is written as %HH and read back', () => {
    expect(escapeUser('a b@c:d%')).toBe('a%20b%40c%3Ad%25')
    expect(escapePassword('a;b')).toBe('a%3Bb')
    expect(escapeParam('a=b;c')).toBe('a%3Db%3Bc')
    fc.assert(
      fc.property(latin1, (text) => {
        for (const escape of [escapeUser, escapePassword, escapeParam]) expect(unescape(escape(text))).toBe(text)
        expect(isUserPart(escapeUser(text)) && isPasswordPart(escapePassword(text))).toBe(true)
        expect(isParamPart(escapeParam(text))).toBe(true)
      }),
      { seed },
    )
  })

  it('RFC 4475 §3.1.1.3: an escape is undone once', () => expect(unescape('v%61lue%25%34%31')).toBe('value%41'))

  it('RFC 4475 §3.1.1.5: what is no escape stays', () => expect(unescape('%Z%4')).toBe('%Z%4'))

  it('RFC 4475 §3.1.1.4: a NUL does not end the text', () => expect(unescape('n%00n')).toBe('n\0n'))
})

describe('bytes and Unicode', () => {
  it('RFC 3261 §7: Unicode in, UTF-8 bytes out, and back', () => {
    expect(toBytes('Jürgen')).toBe('J\xc3\xbcrgen')
    expect(toUnicode('J\xc3\xbcrgen')).toBe('Jürgen')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(toUnicode(toBytes(text))).toBe(text)
      }),
      { seed },
    )
  })

  it('shows bytes that are no UTF-8 as latin1', () => {
    expect(toUnicode('J\xfcrgen')).toBe('J\xfcrgen')
    expect(toUnicode('\xc3')).toBe('\xc3')
  })

  it('reads a replacement character that was sent as one', () => {
    expect(toUnicode(toBytes('J\u00fcrgen \ufffd'))).toBe('J\u00fcrgen \ufffd')
  })

  it('makes no control character of a character whose low byte is one', () => {
    // U+010A and U+010D end in LF and CR.
    expect(breaksLine(toBytes('\u010a\u010d\u0100'))).toBe(false)
  })
})

describe('lines', () => {
  it('RFC 3261 §7.3: CR, LF and NUL would end a header early', () => {
    for (const char of ['\r', '\n', '\0', 'a\r\nb']) expect(breaksLine(char)).toBe(true)
    expect(breaksLine('a\tb \x7f\xe9')).toBe(false)
  })

  it('RFC 3261 §7.3.1: a fold and the blanks around it are one space', () => {
    expect(unfold('I know \t\r\n \t you')).toBe('I know you')
    expect(unfold('a\r\n b\r\n\tc')).toBe('a b c')
    expect(unfold('a\r\n \r\n b')).toBe('a b')
    expect(unfold('no \t fold')).toBe('no \t fold')
  })

  it('unfolds a datagram of blanks in linear time', () => {
    const started = performance.now()
    expect(unfold('a\r\n b' + ' '.repeat(60_000) + 'c')).toHaveLength(60_004)
    expect(performance.now() - started).toBeLessThan(500)
  })

  it('trims blanks and folds at both ends', () => {
    expect(trim(' \t\r\n a b \r\n\t')).toBe('a b')
    expect(trim(' \r\n\t')).toBe('')
  })
})

describe('quoted strings', () => {
  it('RFC 3261 §25.1: quote and backslash are written as pairs and read back', () => {
    expect(quote('a"b\\c')).toBe('"a\\"b\\\\c"')
    fc.assert(
      fc.property(latin1, (text) => {
        const quoted = quote(text)
        expect(unquoteAt(quoted + 'x', 0)).toEqual({ value: text, end: quoted.length })
      }),
      { seed },
    )
  })

  it('RFC 3261 §25.1: a quoted string without its end is none', () => {
    for (const open of ['"', '"abc', '"abc\\"', '"abc\\']) expect(unquoteAt(open, 0)).toBeUndefined()
  })

  it('RFC 3261 §7.3.1: a separator in quotes or brackets separates nothing', () => {
    expect(splitOutside('"a, b" <sip:a,b@h>, c , "\\", d"', ',')).toEqual(['"a, b" <sip:a,b@h>', 'c', '"\\", d"'])
    expect(splitOutside('<sip:h;lr>;a="x;y" ; b', ';')).toEqual(['<sip:h;lr>', 'a="x;y"', 'b'])
    expect(splitOutside('<sip:"@h>,b', ',')).toEqual(['<sip:"@h>', 'b'])
    expect(splitOutside(' one ', ',')).toEqual(['one'])
    expect(splitOutside('a,"b,c', ',')).toEqual(['a', '"b,c'])
    expect(splitOutside('a,,b,', ',')).toEqual(['a', '', 'b', ''])
  })
})
