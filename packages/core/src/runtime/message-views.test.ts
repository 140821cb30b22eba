/** The message as a route reads and writes it. */
import { describe, expect, it } from 'vitest'
import { SignalboxError } from '../errors.ts'
import { H } from '../message/header-names.ts'
import { makeResponse } from '../message/reply.ts'
import { parsed, requestText, type RequestParts } from '../testing/layer-rig.ts'
import { RequestView, ResponseView } from './message-views.ts'

function view(parts: RequestParts = {}): RequestView {
  const request = parsed(requestText(parts))
  request.source = { transport: 'udp', address: '192.0.2.9', port: 5062 }
  return new RequestView(request)
}

describe('reading', () => {
  it('RFC 3261 §8.1.1: every field of a request', () => {
    const req = view({ lines: ['Contact: "A" <sip:alice@192.0.2.9:5062>;expires=60'] })
    expect({
      method: req.method,
      ruri: req.ruri.user,
      from: [req.from.uri.user, req.from.tag],
      to: [req.to.uri.host, req.to.tag],
      callId: req.callId,
      cseq: req.cseq,
      via: [req.via.host, req.via.branch],
      contact: [req.contact?.display, req.contact?.uri.port, req.contact?.param('expires')],
    }).toEqual({
      method: 'INVITE',
      ruri: 'bob',
      from: ['alice', 'a'],
      to: ['example.net', ''],
      callId: 'call-1',
      cseq: { number: 1, method: 'INVITE' },
      via: ['192.0.2.9', 'z9hG4bK1'],
      contact: ['A', 5062, '60'],
    })
  })

  it('a source is address, port and transport, and nothing of ours', () => {
    const req = view()
    req.message.source = { ...req.source, local: 'secret' } as never
    expect(req.source).toEqual({ address: '192.0.2.9', port: 5062, transport: 'udp' })
  })

  it('bytes on the wire are Unicode to a route', () => {
    const req = view({ callId: 'gr\xc3\xbc\xc3\x9fe', lines: ['Subject: \xe2\x82\xac'] })
    expect([req.callId, req.headers.get('subject')]).toEqual(['grüße', '€'])
  })

  it('a Contact that is missing, or none, is undefined', () => {
    expect([view().contact, view({ lines: ['Contact: *'] }).contact?.uri.host ?? '']).toEqual([undefined, ''])
  })
})

describe('writing', () => {
  it('RFC 3261 §16.6 step 2: the Request-URI, as text or as a Uri', () => {
    const req = view()
    req.ruri = 'sip:carol@example.com'
    expect([req.ruri.user, req.message.requestUri]).toEqual(['carol', 'sip:carol@example.com'])
    req.ruri = req.ruri.with({ user: 'ümlaut' })
    expect(req.message.requestUri).toBe('sip:%C3%BCmlaut@example.com')
  })

  it.each(['', 'nonsense', 'sip:a b', 'sip:a\r\nVia: x'])('a Request-URI that is none is refused: %j', (uri) => {
    const req = view()
    expect(() => (req.ruri = uri)).toThrow(SignalboxError)
    expect(() => (req.dstUri = uri)).toThrow(SignalboxError)
    expect([req.message.requestUri, req.dstUri]).toEqual(['sip:bob@example.net', undefined])
  })

  it('the next hop is not on the wire, and can be taken back', () => {
    const req = view()
    const before = req.message.toWire()
    req.dstUri = 'sip:gw.example'
    expect([req.dstUri?.toString(), req.message.toWire()]).toEqual(['sip:gw.example', before])
    req.dstUri = undefined
    expect(req.dstUri).toBeUndefined()
  })

  it('a body that is no text is refused where it is set, and the one before stays', () => {
    const req = view()
    for (const body of [5, null, undefined, {}, ['a'], Buffer.from('a')])
      expect(() => (req.body = body as never)).toThrow('a body that a route sets is a string')
    expect(req.body).toBe('')
  })

  it('RFC 3261 §20.14: a body has the Content-Length of its bytes', () => {
    const req = view()
    req.body = 'grüße'
    expect([req.body, req.bodyBytes.length, req.message.value(H.ContentLength)]).toEqual(['grüße', 7, '7'])
  })

  it('a header is read back at once', () => {
    const req = view()
    req.headers.set('X-Account', 'büro')
    expect([req.headers.get('x-account'), req.message.toWire().includes('X-Account: b\xc3\xbcro\r\n')]).toEqual([
      'büro',
      true,
    ])
  })

  it('RFC 3261 §7.3: what would break the message is refused', () => {
    expect(() => view().headers.set('X', 'a\r\nVia: b')).toThrow(
      expect.objectContaining({ code: 'BAD_HEADER' }) as Error,
    )
    expect(() => view().headers.set('Via', 'x')).toThrow(expect.objectContaining({ code: 'CORE_HEADER' }) as Error)
  })
})

it('RFC 3261 §7.2: a response has a status, a reason, and says whether it was made here', () => {
  const message = makeResponse(parsed(requestText()), 486, 'Besetzt – später', 'b')
  const [res, made] = [new ResponseView(message, false), new ResponseView(message, true)]
  expect([res.status, res.reason, res.local, made.local, res.to.tag]).toEqual([
    486,
    'Besetzt – später',
    false,
    true,
    'b',
  ])
})
