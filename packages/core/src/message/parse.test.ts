/** RFC 3261 §7, §18.3 and §25: the frame of a message. What came leaves as it came; what is broken is a value, never an exception. */
import { describe, expect, it } from 'vitest'
import { isAnswerable } from './check.ts'
import { Headers } from './headers.ts'
import { defaultLimits, isMalformed, parseMessage, parseText } from './parse.ts'
import { invite, mandatory, read, readMalformed, requestLine, wire } from './sample.ts'

describe('start line', () => {
  it.each([
    ['INVITE sip:b@c SIP/2.0', 'INVITE', 'sip:b@c'],
    ['INVITE sip:b@c sip/2.0', 'INVITE', 'sip:b@c'],
    [
      "!interesting-Method0123456789_*+`.%indeed'~ tel:1 SIP/2.0",
      "!interesting-Method0123456789_*+`.%indeed'~",
      'tel:1',
    ],
    ['invite <sip:b@c> SIP/2.0', 'invite', '<sip:b@c>'],
  ])('RFC 3261 §7.1: %s', (line, method, uri) => {
    const message = read(wire([], '', line))
    expect([message.isRequest, message.method, message.requestUri]).toEqual([true, method, uri])
  })

  it.each([
    ['SIP/2.0 200 OK', 200, 'OK'],
    ['SIP/2.0 100 ', 100, ''],
    ['SIP/2.0 699', 699, ''],
    ['sip/2.0 180 Ringing  twice', 180, 'Ringing  twice'],
    ['SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe', 200, '= 2**3 * 5**2 \xd0\xbd\xd0\xbe'],
  ])('RFC 3261 §7.2: %s', (line, status, reason) => {
    const message = read(wire([], '', line))
    expect([message.isRequest, message.status, message.reason]).toEqual([false, status, reason])
  })

  it.each([
    ['INVITE sip:b@c SIP/7.0', 'version'],
    ['INVITE sip:b@c SIP/2.1', 'version'],
    ['INVITE  sip:b@c SIP/2.0', 'start_line'],
    ['INVITE sip:b@c  SIP/2.0', 'start_line'],
    ['INVITE sip:b@c SIP/2.0 ', 'start_line'],
    ['INVITE sip:b@c; lr SIP/2.0', 'start_line'],
    ['INVITE sip:b@c', 'start_line'],
    ['INVITE sip:b@c SIP/x.y', 'start_line'],
    ['INVITE SIP/2.0', 'start_line'],
  ])('RFC 3261 §7.1: %j is malformed, yet a request that can be answered', (line, code) => {
    const malformed = readMalformed(wire(mandatory, '', line))
    expect([malformed.code, malformed.offset, malformed.message?.method]).toEqual([code, 0, 'INVITE'])
    expect(isAnswerable(malformed.message!)).toBe(true)
  })

  it.each([
    ['IN/VITE sip:b@c SIP/2.0', 'start_line'],
    ['INVITE', 'start_line'],
    [' INVITE sip:b@c SIP/2.0', 'start_line'],
    ['', 'empty'],
    ['SIP/2.0 99 x', 'start_line'],
    ['SIP/2.0 700 x', 'start_line'],
    ['SIP/2.0 2000 OK', 'start_line'],
    ['SIP/2.0 4294967301 better not break the receiver', 'start_line'],
    ['SIP/2.0  200 OK', 'start_line'],
    ['SIP/2.0 OK', 'start_line'],
    ['SIP/2.0 20', 'start_line'],
    ['SIP/2.0', 'version'],
    ['SIP/3.0 200 OK', 'version'],
    ['INVITE sip:b\rX: y SIP/2.0', 'control_character'],
    ['SIP/2.0 200 O\rK', 'control_character'],
  ])('RFC 3261 §7: %j is nothing to answer', (line, code) => {
    const malformed = readMalformed(line === '' ? '' : wire(mandatory, '', line))
    expect([malformed.code, malformed.message]).toEqual([code, undefined])
  })

  it('RFC 3261 §7.5: empty lines before it are skipped', () => {
    expect(read('\r\n\r\n' + invite()).toWire()).toBe(invite())
    expect(read('\n\r\n' + invite()).toWire()).toBe(invite())
    for (const text of ['\r\n', '\r\n\r\n', '\n\n', '']) expect(readMalformed(text).code).toBe('empty')
  })
})

describe('header fields', () => {
  it('RFC 3261 §7.3.1: stay in order and as they were written', () => {
    const lines = ['t: <sip:b@c>', 'X :\t y ', 'VIA:SIP/2.0/UDP h', 'Subject:', 'I-Am \t:  I', 'x:1', 'v:SIP/2.0/UDP i']
    const message = read(wire(lines))
    expect(message.fields.map((field) => [field.name, field.value])).toEqual([
      ['t', '<sip:b@c>'],
      ['X', 'y'],
      ['VIA', 'SIP/2.0/UDP h'],
      ['Subject', ''],
      ['I-Am', 'I'],
      ['x', '1'],
      ['v', 'SIP/2.0/UDP i'],
    ])
    expect(message.toWire()).toBe(wire(lines))
  })

  it('RFC 3261 §7.3.1: a line that begins with a blank continues the one before', () => {
    const text = wire([
      'Subject: I know you are there,',
      '  pick up the phone',
      '\t',
      ' now',
      'To:',
      ' <sip:b@c>;tag=1',
    ])
    const message = read(text)
    expect([message.fields.length, message.toTag, message.toWire()]).toEqual([2, '1', text])
    expect(new Headers(message).get('Subject')).toBe('I know you are there, pick up the phone now')
  })

  it.each([
    ['no colon', 'Bad-Header'],
    ['no name', ': x'],
    ['a blank in the name', 'Bad Header: x'],
    ['a name that is no token', 'Bad@Header: x'],
    ['a name beyond ASCII', 'B\xe4d: x'],
    ['a fold right behind a name', 'Bad\r\n : x'],
    ['a fold right behind a name that is known', 'Subject\r\n : x'],
  ])('RFC 3261 §7.3.1: a line with %s is malformed, its place is told, the request can be answered', (_, line) => {
    const text = invite(line, 'X: y')
    const { code, offset, message } = readMalformed(text)
    expect([code, offset]).toEqual(['header_line', text.indexOf(line)])
    expect([message?.callId, message && isAnswerable(message)]).toEqual([
      'a84b4c76e66710@pc33.atlanta.example.com',
      true,
    ])
  })

  it('RFC 3261 §7.3.1: the first line behind the start line continues nothing', () => {
    expect(readMalformed(requestLine + '\r\n X: y\r\n\r\n')).toMatchObject({
      code: 'header_line',
      offset: requestLine.length + 2,
    })
  })

  it.each(['Call-ID: 2', 'i: 2', 'to: <sip:x@y>', 'From: <sip:x@y>', 'CSeq: 314159 INVITE', 'MAX-FORWARDS: 70'])(
    'RFC 3261 §7.3.1: what stands once may not stand twice: %s',
    (line) => {
      const text = invite('Subject: x', line)
      const { code, offset, message } = readMalformed(text)
      expect([code, offset, message?.fields.length]).toEqual(['duplicate_header', text.lastIndexOf(line), 8])
    },
  )

  it('tells of the first fault only', () => {
    const text = invite('bad', 'Call-ID: 2', 'Content-Length: x')
    expect(readMalformed(text)).toMatchObject({ code: 'header_line', offset: text.indexOf('bad') })
  })

  it('RFC 3261 §25.1: a NUL may stand as a quoted-pair and nowhere else', () => {
    expect(read(invite('X: "a\\\0b"')).toWire()).toBe(invite('X: "a\\\0b"'))
    for (const text of [invite('X: a\0b'), invite('X\0: a'), wire(mandatory, '', 'INVITE sip:\0 SIP/2.0')]) {
      const { code, offset } = readMalformed(text)
      expect(['control_character', 'header_line']).toContain(code)
      expect(offset).toBeLessThanOrEqual(text.indexOf('\0'))
    }
    expect(read(wire(mandatory, '\0')).body).toBe('\0')
  })

  it('RFC 3261 §7.3.1: a lone CR ends no line and belongs to none', () => {
    const { code, message } = readMalformed(invite('X: a\rVia: evil', 'Y: z'))
    expect([code, message?.fields.length, message && isAnswerable(message)]).toEqual(['control_character', 6, true])
  })

  it('RFC 3261 §7: a head without its empty line is malformed', () => {
    for (const text of [invite().slice(0, -2), requestLine + '\r\n', requestLine + '\r\nVia: x']) {
      expect(readMalformed(text).code).toBe('no_end')
    }
    expect(readMalformed(requestLine).code).toBe('start_line')
  })

  it('keeps to its limits', () => {
    const limits = { ...defaultLimits, size: 1000, headers: 8 }
    const xs = (count: number): string[] => Array.from({ length: count }, () => 'X: y')
    expect(isMalformed(parseText(invite(...xs(2)), undefined, limits))).toBe(false)
    expect(parseText(invite(...xs(3)), undefined, limits)).toMatchObject({ code: 'too_many_headers' })
    expect(parseMessage(Buffer.alloc(1001), undefined, limits)).toMatchObject({ code: 'too_large', offset: 1000 })
    expect(parseText(invite(...xs(defaultLimits.headers)))).toMatchObject({ code: 'too_many_headers' })
    for (const text of [invite(...xs(3)), wire(mandatory, 'x'.repeat(1000))]) {
      const refused = parseMessage(Buffer.from(text), undefined, limits)
      expect(isMalformed(refused) && refused.message && isAnswerable(refused.message)).toBe(true)
    }
  })

  it('remembers where the message came from', () => {
    const source = { transport: 'udp', address: '192.0.2.1', port: 5060 }
    for (const text of [invite(), invite().replaceAll('\r\n', '\n')]) {
      expect(parseMessage(Buffer.from(text), source)).toMatchObject({ source })
    }
  })
})

describe('lone line feeds', () => {
  const body = 'v=0\no=x\r\n\0'
  const expected = wire([...mandatory, 'l: 10', 'X: a\r\n b'], body)
  const head = expected.slice(0, -body.length)

  it.each([
    ['all of the head', head.replaceAll('\r\n', '\n')],
    ['the start line', head.replace('\r\n', '\n')],
    ['one header', head.replace('70\r\n', '70\n')],
    ['the empty line', head.replace(/\r\n$/, '\n')],
    ['a fold', head.replace('a\r\n b', 'a\n b')],
  ])('RFC 3261 §7: a head with them in %s is read, and leaves with CR LF, the body as it is', (_, lf) => {
    expect(read(lf + body).toWire()).toBe(expected)
    expect(read('\n\n' + lf + body).toWire()).toBe(expected)
  })

  it('RFC 4475 §3.1.1.11: in a body they are nobody’s business', () => {
    const text = wire(['l: 4'], '\n\n\r\r')
    expect(read(text).toWire()).toBe(text)
  })
})

describe('Content-Length', () => {
  const at = (line: string): number => wire([line]).indexOf(line)

  it('RFC 3261 §18.3: without one the body ends with the datagram', () => {
    expect(read(wire(mandatory, 'hello')).body).toBe('hello')
  })

  it('RFC 3261 §18.3: what is behind the body is no part of the message', () => {
    const message = read(wire(['l: 2'], 'hello'))
    expect([message.body, message.toWire()]).toEqual(['he', wire(['l: 2'], 'he')])
    expect(read(wire(['Content-Length:\r\n 0'], 'hello')).body).toBe('')
    expect(read(wire(['Content-Length: 00005'], 'hello')).body).toBe('hello')
  })

  it.each([
    ['Content-Length: 6', 'truncated'],
    ['l: 9999', 'truncated'],
    ['Content-Length: -999', 'content_length'],
    ['Content-Length: five', 'content_length'],
    ['Content-Length:', 'content_length'],
    ['Content-Length: 5, 5', 'content_length'],
    ['Content-Length: 5.0', 'content_length'],
    ['Content-Length: 0x5', 'content_length'],
    ['Content-Length: 4294967301', 'content_length'],
    ['Content-Length: ' + '9'.repeat(400), 'content_length'],
  ])('RFC 3261 §18.3: %s for five bytes is malformed, and answerable', (line, code) => {
    expect(readMalformed(wire([line], 'hello'))).toMatchObject({ code, offset: at(line) })
    expect(isAnswerable(readMalformed(wire([...mandatory, line], 'hello')).message!)).toBe(true)
  })

  it('RFC 3261 §7.3.1: two of them are malformed, equal or not', () => {
    for (const second of ['5', '13']) {
      expect(readMalformed(wire(['Content-Length: 5', 'l: ' + second], 'hello')).code).toBe('duplicate_header')
    }
  })
})
