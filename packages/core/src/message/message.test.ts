/** Fields in order, edits in place, values that are kept and forgotten, copies that are edited apart. */
import { describe, expect, it } from 'vitest'
import { Field } from './field.ts'
import { H } from './header-names.ts'
import { Message, reasonBytes } from './message.ts'
import { invite, inviteBut, mandatory, read, requestLine, wire } from './sample.ts'

/** The lines of a message's head behind the start line. */
function lines(message: Message): string[] {
  return message.toWire().split('\r\n\r\n')[0]!.split('\r\n').slice(1)
}

describe('reading', () => {
  const message = read(invite('Contact: "A, B" <sip:a@b>, <sip:c@d>', 'Via:', 'v: SIP/2.0/TCP x , SIP/2.0/UDP y'))

  it('RFC 3261 §8.1.1: what identifies a request', () => {
    expect([message.method, message.isRequest, message.status, message.requestUri]).toEqual([
      'INVITE',
      true,
      0,
      'sip:bob@biloxi.example.com',
    ])
    expect([message.callId, message.cseq, message.fromTag, message.toTag, message.topVia?.branch]).toEqual([
      'a84b4c76e66710@pc33.atlanta.example.com',
      { number: 314159, method: 'INVITE' },
      '1928301774',
      '',
      'z9hG4bKnashds8',
    ])
    expect(message.uri?.host).toBe('biloxi.example.com')
  })

  it('RFC 3261 §7.3.1: values of every field of a name in order', () => {
    expect(message.values(H.Via)).toEqual([mandatory[0]!.slice(5), 'SIP/2.0/TCP x', 'SIP/2.0/UDP y'])
    expect(message.values(H.Contact)).toEqual(['"A, B" <sip:a@b>', '<sip:c@d>'])
    expect(message.address(H.Contact)?.display).toBe('A, B')
    expect([message.values(H.Route), message.value(H.Route), message.address(H.Route)]).toEqual([
      [],
      undefined,
      undefined,
    ])
    expect([message.has(H.Via), message.has(H.Route), message.named('V').length]).toEqual([true, false, 3])
  })

  it('RFC 3261 §7.2: a response is of the method that its CSeq names', () => {
    const response = read(wire(mandatory, '', 'SIP/2.0 180 Ringing'))
    expect([response.method, response.isRequest, response.status, response.reason]).toEqual([
      'INVITE',
      false,
      180,
      'Ringing',
    ])
    expect(Message.response(180, 'Ringing').method).toBe('')
  })

  it('gives nothing, and no exception, for what is missing', () => {
    const empty = Message.request('OPTIONS', '<none>')
    expect([empty.uri, empty.cseq, empty.topVia, empty.callId, empty.fromTag, empty.toTag]).toEqual([
      undefined,
      undefined,
      undefined,
      '',
      '',
      '',
    ])
    empty.removeFirstValue(H.Route)
    empty.replaceFirstValue(H.Via, 'x')
    empty.remove(H.Via)
    expect(empty.toWire()).toBe('OPTIONS <none> SIP/2.0\r\n\r\n')
  })
})

describe('editing', () => {
  it('RFC 3261 §7.3.1: an edit leaves every other line as it came', () => {
    const odd = ['v:SIP/2.0/UDP  a', 'X-Odd :\t x \r\n\tfolded', 'mAx-FORWARDS:  70', 'X-odd:y']
    const message = read(wire(odd))
    message.put(H.MaxForwards, '69')
    expect(lines(message)).toEqual(['v:SIP/2.0/UDP  a', 'X-Odd :\t x ', '\tfolded', 'Max-Forwards: 69', 'X-odd:y'])
  })

  it('put replaces the first in its place, drops the others, or adds at the end', () => {
    const message = Message.request('A', 'sip:b', [
      Field.make(H.Expires, '1'),
      Field.make(H.Subject, 's'),
      Field.make(H.Expires, '2'),
      Field.make(H.Expires, '3'),
    ])
    message.put(H.Expires, '9')
    message.put(H.Event, 'e')
    expect(lines(message)).toEqual(['Expires: 9', 'Subject: s', 'Event: e'])
  })

  it('RFC 3261 §16.6 step 8: a Via goes before the first one', () => {
    const message = read(wire(['Max-Forwards: 70', ...mandatory.slice(0, 1)]))
    message.prepend(Field.make(H.Via, 'SIP/2.0/UDP me'))
    expect(lines(message)).toEqual(['Max-Forwards: 70', 'Via: SIP/2.0/UDP me', mandatory[0]])
    expect(message.topVia?.host).toBe('me')
  })

  it('RFC 3261 §16.7 step 3: the topmost value goes, and with the last one its field', () => {
    const message = read(wire(['v: SIP/2.0/UDP a ,\r\n SIP/2.0/UDP b;x="1,2",SIP/2.0/UDP c', 'Via: SIP/2.0/UDP d']))
    const hosts: (string | undefined)[] = []
    for (let i = 0; i < 5; i++) {
      hosts.push(message.topVia?.host)
      message.removeFirstValue(H.Via)
    }
    expect(hosts).toEqual(['a', 'b', 'c', 'd', undefined])
    expect(message.fields).toHaveLength(0)
  })

  it('RFC 3261 §18.2.1: the topmost value is replaced, the others of its field stay', () => {
    const message = read(wire(['v: SIP/2.0/UDP a, SIP/2.0/UDP b', 'Via: SIP/2.0/UDP c']))
    message.replaceFirstValue(H.Via, 'SIP/2.0/UDP a;received=1')
    expect(lines(message)).toEqual(['v: SIP/2.0/UDP a;received=1, SIP/2.0/UDP b', 'Via: SIP/2.0/UDP c'])
    expect(message.topVia?.received).toBe('1')
  })

  it('RFC 3261 §7.3.1: an empty part of a list is no value', () => {
    const message = read(wire(['Via: , SIP/2.0/UDP a,,SIP/2.0/UDP b,', 'Route: ,']))
    expect([message.topVia?.host, message.values(H.Via).length, message.values(H.Route)]).toEqual(['a', 2, []])
    message.removeFirstValue(H.Via)
    expect(lines(message)[0]).toBe('Via: SIP/2.0/UDP b')
    message.removeFirstValue(H.Via)
    expect(message.has(H.Via)).toBe(false)
  })

  it('replace puts the new fields where the first of the old stood, and says how many went', () => {
    const message = read(wire(['A: 1', 'B: 2', 'A: 3']))
    const isA = (field: Field): boolean => field.name === 'A'
    expect(message.replace(isA, [Field.named(0, 'C', 'x'), Field.named(0, 'D', 'y')])).toBe(2)
    expect(lines(message)).toEqual(['C: x', 'D: y', 'B: 2'])
    expect(message.replace(isA, [Field.named(0, 'E', 'z')])).toBe(0)
    expect(lines(message)).toEqual(['C: x', 'D: y', 'B: 2', 'E: z'])
  })

  it('RFC 3261 §20.14: Content-Length follows from the bytes of the body', () => {
    const message = read(wire(['l: 2'], 'hi'))
    message.body = 'gr\xc3\xbc\xc3\x9fe'
    expect(message.toWire()).toBe(wire(['Content-Length: 7'], 'gr\xc3\xbc\xc3\x9fe'))
  })

  it('RFC 3261 §7.1: the Request-URI is read anew when it was set', () => {
    const message = read(invite())
    expect(message.uri?.user).toBe('bob')
    message.requestUri = 'sip:carol@chicago.com'
    expect([message.uri?.user, message.toWire().split('\r\n')[0]]).toEqual([
      'carol',
      'INVITE sip:carol@chicago.com SIP/2.0',
    ])
  })

  it('RFC 3261 §7.2: a reason keeps to its line', () => {
    expect(reasonBytes('Sch\u00f6n\r\nVia: x\0\u010a')).toBe('Sch\xc3\xb6n  Via: x \xc4\x8a')
  })
})

describe('values that are kept', () => {
  const edits: [string, (message: Message) => void][] = [
    ['put', (message) => newValues.forEach(([id, value]) => message.put(id, value))],
    [
      'remove and append',
      (message) => newValues.forEach(([id, v]) => (message.remove(id), message.append(Field.make(id, v)))),
    ],
    ['prepend', (message) => newValues.forEach(([id, value]) => message.prepend(Field.make(id, value)))],
    ['replaceFirstValue', (message) => newValues.forEach(([id, value]) => message.replaceFirstValue(id, value))],
    [
      'replace',
      (message) => newValues.forEach(([id, v]) => message.replace((field) => field.id === id, [Field.make(id, v)])),
    ],
  ]
  const newValues: [number, string][] = [
    [H.Via, 'SIP/2.0/UDP new'],
    [H.CSeq, '2 INVITE'],
    [H.To, '<sip:b@c>;tag=new'],
    [H.From, '<sip:b@c>;tag=newer'],
    [H.CallId, 'new-call'],
  ]
  const view = (m: Message): unknown[] => [m.topVia?.host, m.cseq?.number, m.toTag, m.fromTag, m.callId]
  const old = ['pc33.atlanta.example.com', 314159, '', '1928301774', 'a84b4c76e66710@pc33.atlanta.example.com']
  const changed = ['new', 2, 'new', 'newer', 'new-call']

  it.each(edits)('are read anew after %s', (_, edit) => {
    const message = read(invite())
    expect(view(message)).toEqual(old)
    edit(message)
    expect(view(message)).toEqual(changed)
  })

  it.each(edits)('are those of their own copy after %s', (_, edit) => {
    for (const readFirst of [true, false]) {
      const original = read(invite())
      if (readFirst) view(original)
      const copy = original.clone()
      const sibling = original.clone()
      edit(copy)
      expect([view(copy), view(original), view(sibling)]).toEqual([changed, old, old])
      expect([original.toWire(), sibling.toWire()]).toEqual([invite(), invite()])
    }
  })
})

describe('clone', () => {
  it('RFC 3261 §16.6 step 1: copies are edited apart', () => {
    const original = read(inviteBut('To', 'To: <sip:b@c>\r\nRoute: <sip:r1;lr>, <sip:r2;lr>\r\nContent-Length: 0'))
    original.source = { transport: 'udp', address: '192.0.2.1', port: 5060 }
    const before = original.toWire()
    const copy = original.clone()
    expect([copy.toWire(), copy.source]).toEqual([before, original.source])
    copy.requestUri = 'sip:other@example.com'
    copy.body = 'hello'
    copy.removeFirstValue(H.Route)
    copy.prepend(Field.make(H.Via, 'SIP/2.0/UDP me'))
    copy.append(Field.named(H.Unknown, 'X-New', '1'))
    copy.source = undefined
    expect(original.toWire()).toBe(before)
    expect([original.uri?.user, original.body, original.source?.port]).toEqual(['bob', '', 5060])
    original.remove(H.Route)
    expect(copy.values(H.Route)).toEqual(['<sip:r2;lr>'])
  })
})

describe('toWire', () => {
  it('RFC 3261 §7: start line, fields in order, empty line, body', () => {
    const message = Message.request('OPTIONS', 'sip:a@b', [Field.make(H.CallId, '1'), Field.named(0, 'X', '')], 'body')
    expect(message.toWire()).toBe('OPTIONS sip:a@b SIP/2.0\r\nCall-ID: 1\r\nX: \r\n\r\nbody')
    expect(Message.response(200, '').toWire()).toBe('SIP/2.0 200 \r\n\r\n')
  })

  it('writes fields of one text in the order of the list, not of the text', () => {
    const message = read(wire(['A: 1', 'B: 2', 'C: 3']))
    const [a, b, c] = message.fields
    message.replace(() => true, [c!, a!, b!, a!])
    expect(message.toWire()).toBe(wire(['C: 3', 'A: 1', 'B: 2', 'A: 1'], '', requestLine))
  })

  it.each([
    ['\r\nINVITE sip:a@b SIP/2.0', 'INVITE sip:a@b SIP/2.0'],
    ['INVITE sip:a@b sip/2.0', 'INVITE sip:a@b SIP/2.0'],
    ['SIP/2.0 486 Busy  there', 'SIP/2.0 486 Busy  there'],
    ['SIP/2.0 486 ', 'SIP/2.0 486 '],
    ['SIP/2.0 486', 'SIP/2.0 486 '],
    ['Sip/2.0 486 Busy', 'SIP/2.0 486 Busy'],
  ])('RFC 3261 §7.1, §7.2: %j leaves as %j', (came, left) => {
    expect(read(wire(mandatory, 'body', came)).toWire()).toBe(wire(mandatory, 'body', left))
  })

  it('RFC 3261 §18.3: what stands behind the body does not leave, whatever else was touched', () => {
    const message = read(invite('Content-Length: 4') + 'bodyand more')
    expect([message.body, message.toWire()]).toEqual(['body', invite('Content-Length: 4') + 'body'])
    message.requestUri = 'sip:c@d'
    message.removeFirstValue(H.Via)
    expect(message.toWire()).toBe(wire([...mandatory.slice(1), 'Content-Length: 4'], 'body', 'INVITE sip:c@d SIP/2.0'))
    message.append(Field.named(H.Unknown, 'X', '1'))
    expect(message.toWire().endsWith('Content-Length: 4\r\nX: 1\r\n\r\nbody')).toBe(true)
  })

  it('a body that was set leaves instead of the one that came', () => {
    const message = read(invite('Content-Length: 4') + 'body')
    message.body = 'other'
    expect([message.body, message.toWire()]).toEqual(['other', invite('Content-Length: 5') + 'other'])
  })
})
