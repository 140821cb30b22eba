/** RFC 3261 §8.2.6: what a response copies, and what it does not. */
import { describe, expect, it } from 'vitest'
import { H } from './header-names.ts'
import { makeResponse, reasonOf } from './reply.ts'
import { invite, inviteBut, mandatory, read, readMalformed, requestLine } from './sample.ts'

const vias = ['Via: SIP/2.0/UDP a;branch=1', 'X-Between: x', 'v:SIP/2.0/TCP b,\r\n SIP/2.0/UDP c;received=1.2.3.4']
const request = read(
  [
    requestLine,
    ...vias,
    'Record-Route: <sip:p1;lr>,<sip:p2;lr>',
    'Timestamp: 54',
    'f :  Alice <sip:a@b>;tag=1',
    't: "J\xc3\xbcrgen"\r\n <sip:b@c>',
    'i: call',
    'cseq:\t7 INVITE',
    'Contact: <sip:a@d>',
    'Supported: 100rel',
    'Content-Type: text/plain',
    'Content-Length: 2',
    '',
    'hi',
  ].join('\r\n'),
)

function lines(status: number, tag = 'core', reason = ''): string[] {
  return makeResponse(request, status, reason, tag).toWire().replaceAll('\r\n ', ' ').split('\r\n')
}

describe('makeResponse', () => {
  it('RFC 3261 §8.2.6.2: Via in order, From, Call-ID and CSeq are copied byte for byte, To gets a tag', () => {
    expect(lines(404)).toEqual([
      'SIP/2.0 404 Not Found',
      'Via: SIP/2.0/UDP a;branch=1',
      'v:SIP/2.0/TCP b, SIP/2.0/UDP c;received=1.2.3.4',
      'f :  Alice <sip:a@b>;tag=1',
      'To: "J\xc3\xbcrgen" <sip:b@c>;tag=core',
      'i: call',
      'cseq:\t7 INVITE',
      'Content-Length: 0',
      '',
      '',
    ])
    expect(makeResponse(request, 404, '', 'core').values(H.Via)).toEqual(request.values(H.Via))
    expect(makeResponse(request, 404, '', 'core').toTag).toBe('core')
  })

  it('RFC 3261 §8.2.6.2: a 100 may go without a tag', () => {
    expect(lines(100, '')).toContain('t: "J\xc3\xbcrgen" <sip:b@c>')
  })

  it('RFC 3261 §8.2.6.2: a To that has a tag keeps it', () => {
    const text = inviteBut('To', 'To: <sip:b@c>;tag=theirs')
    expect(makeResponse(read(text), 200, '', 'core').toWire()).toContain('\r\nTo: <sip:b@c>;tag=theirs\r\n')
  })

  it('RFC 3261 §8.2.6.2: the tag is of the header, not of the URI', () => {
    for (const to of ['To: sip:b@c;x=1', 'To: <sip:b@c;tag=uri>']) {
      expect(makeResponse(read(inviteBut('To', to)), 486, '', 'core').address(H.To)?.tag, to).toBe('core')
    }
  })

  it('RFC 3261 §25.1: a tag that says nothing is no tag, and gives way to ours', () => {
    for (const to of [
      'To: <sip:b@c>;tag',
      'To: <sip:b@c>;tag=;x=1',
      'To: <sip:b@c>;x=1; tag \\ = y',
      'To: sip:b@c;TAG',
    ]) {
      const answer = makeResponse(read(inviteBut('To', to)), 486, '', 'core')
      expect([answer.toTag, answer.value(H.To)?.match(/tag/gi)], to).toEqual(['core', ['tag']])
    }
  })

  it('RFC 3261 §8.2.6.1: Timestamp goes into a 100 only', () => {
    expect([lines(100).includes('Timestamp: 54'), lines(180).includes('Timestamp: 54')]).toEqual([true, false])
  })

  it('RFC 3261 §12.1.1: Record-Route goes into what makes a dialog', () => {
    const has = (status: number): boolean => lines(status).includes('Record-Route: <sip:p1;lr>,<sip:p2;lr>')
    expect([100, 180, 200, 299, 300, 404, 603].map(has)).toEqual([false, true, true, true, false, false, false])
  })

  it('RFC 3261 §7.2: the reason is what was asked for, or that of §21, as UTF-8 and without line breaks', () => {
    expect(lines(486)[0]).toBe('SIP/2.0 486 Busy Here')
    expect(lines(404, 'x', 'Gibt’s nicht')[0]).toBe('SIP/2.0 404 Gibt\xe2\x80\x99s nicht')
    expect(lines(404, 'x', 'No\r\nVia: evil\0\x7f')[0]).toBe('SIP/2.0 404 No  Via: evil  ')
    expect(lines(404, 'x', 'No \u010a\u010d')).toHaveLength(10)
    expect([reasonOf(403), reasonOf(199)]).toEqual(['Forbidden', 'Unknown'])
  })

  it('RFC 3261 §8.2.6.2: of doubled singletons one is copied, so that the answer to a broken request is sound', () => {
    const { code, message } = readMalformed(invite('Call-ID: two', 'To: <sip:x@y>', 'From: <sip:x@y>', 'CSeq: 1 BYE'))
    expect(code).toBe('duplicate_header')
    const response = read(makeResponse(message!, 400, '', 'core').toWire())
    expect([response.callId, response.cseq?.number]).toEqual(['a84b4c76e66710@pc33.atlanta.example.com', 314159])
  })

  it('goes back where the request came from, and leaves the request alone', () => {
    const before = request.toWire()
    request.source = { transport: 'udp', address: '192.0.2.1', port: 5060 }
    const response = makeResponse(request, 200, '', 'core')
    expect(response.source).toBe(request.source)
    response.remove(H.Via)
    response.put(H.To, 'x')
    expect(request.toWire()).toBe(before)
    expect(request.toTag).toBe('')
  })

  it('is well-formed for the plainest request', () => {
    const response = read(makeResponse(read(invite()), 200, '', 't').toWire())
    expect([response.status, response.method, response.fields.length]).toEqual([200, 'INVITE', mandatory.length])
  })
})
