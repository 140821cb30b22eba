/** RFC 3261 §16.3 step 1 and §8.1.1: what a message must have, and what an answer needs. */
import { describe, expect, it } from 'vitest'
import { checkMessage, isAnswerable } from './check.ts'
import { invite, inviteBut, read, readMalformed, wire, mandatory } from './sample.ts'

describe('checkMessage', () => {
  it('RFC 3261 §8.1.1: the six mandatory fields are enough', () => expect(checkMessage(read(invite()))).toBeUndefined())

  it.each([
    ['Via', 'Bad Via'],
    ['To', 'Bad To'],
    ['From', 'Bad From'],
    ['Call-ID', 'Bad Call-ID'],
    ['CSeq', 'Bad CSeq'],
  ])('RFC 3261 §8.1.1: %s must be there', (name, fault) => expect(checkMessage(read(inviteBut(name)))).toBe(fault))

  it('RFC 3261 §16.6 step 3: Max-Forwards may be missing', () => {
    expect(checkMessage(read(inviteBut('Max-Forwards')))).toBeUndefined()
  })

  it.each([
    ['Via', 'Via: SIP/2.0/UDP', 'Bad Via'],
    ['Via', 'Via: SIP/2.0/UDP 192.0.2.15;;,;,,', 'Bad Via'],
    ['Via', 'Via:', 'Bad Via'],
    ['Via', 'Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bK"1', 'Bad Via'],
    ['To', 'To: <sip:bob@biloxi.example.com>;x="\\"', 'Bad To'],
    ['From', 'From: sip:a@b;tag=1;x="', 'Bad From'],
    ['To', 'To: "Bob <sip:bob@biloxi.example.com>', 'Bad To'],
    ['To', 'To: <sip:bob@biloxi.example.com>, <sip:b@c>', 'Bad To'],
    ['From', 'From: Bell, Alexander <sip:a@b>;tag=1', 'Bad From'],
    ['From', 'From:', 'Bad From'],
    ['Call-ID', 'Call-ID: ', 'Bad Call-ID'],
    ['CSeq', 'CSeq: 4294967296 INVITE', 'Bad CSeq'],
    ['CSeq', 'CSeq: 1 OPTIONS', 'Bad CSeq'],
    ['CSeq', 'CSeq: 1 invite', 'Bad CSeq'],
    ['CSeq', 'CSeq: 1', 'Bad CSeq'],
    ['Max-Forwards', 'Max-Forwards: 256', 'Bad Max-Forwards'],
    ['Max-Forwards', 'Max-Forwards: -1', 'Bad Max-Forwards'],
    ['Max-Forwards', 'Max-Forwards:', 'Bad Max-Forwards'],
  ])('RFC 3261 §16.3 step 1: %s as %j', (name, line, fault) => {
    expect(checkMessage(read(inviteBut(name, line)))).toBe(fault)
  })

  it.each([
    ['Via', 'v: SIP / 2.0 / UDP\r\n pc33.atlanta.example.com : 5060 ;branch=390skdjuw'],
    ['From', 'f: sip:alice@atlanta.example.com'],
    ['CSeq', 'CSeq: 0009\r\n  INVITE'],
    ['Via', 'Via: SIP/2.0/UDP pc33.atlanta.example.com;x="\\";";branch=z9hG4bK1'],
    ['Max-Forwards', 'Max-Forwards: 0'],
    ['Max-Forwards', 'Max-Forwards: 0255'],
  ])('RFC 3261 §16.3 step 1: %s as %j is well', (name, line) => {
    expect(checkMessage(read(inviteBut(name, line)))).toBeUndefined()
  })

  it('RFC 3261 §16.3 step 1: fields that a proxy does not need are not looked at', () => {
    const message = read(invite('Contact: "Joe" <sip:joe@example.org>;;;;', 'Date: yesterday', 'Expires: x'))
    expect(checkMessage(message)).toBeUndefined()
  })

  it('RFC 3261 §8.1.3.3: of a response the CSeq names the method, and Max-Forwards means nothing', () => {
    const lines = mandatory.filter((line) => !line.startsWith('Max'))
    expect(checkMessage(read(wire([...lines, 'Max-Forwards: x'], '', 'SIP/2.0 200 OK')))).toBeUndefined()
    expect(checkMessage(read(wire(lines.slice(0, 4), '', 'SIP/2.0 200 OK')))).toBe('Bad CSeq')
  })
})

describe('isAnswerable', () => {
  it('RFC 4475 §3.3.1: whatever is missing or broken, as long as it has a Via', () => {
    expect(isAnswerable(read(invite()))).toBe(true)
    expect(isAnswerable(read(inviteBut('CSeq', 'CSeq: none')))).toBe(true)
    expect(isAnswerable(read(inviteBut('Via', 'Via: nobody')))).toBe(true)
    for (const name of ['To', 'From', 'Call-ID', 'CSeq']) expect(isAnswerable(read(inviteBut(name))), name).toBe(true)
    expect(isAnswerable(read(inviteBut('Via')))).toBe(false)
  })

  it('RFC 3261 §17.1.1.3: an ACK is never answered, nor is a response', () => {
    expect(isAnswerable(read(wire(mandatory, '', 'ACK sip:bob@biloxi.example.com SIP/2.0')))).toBe(false)
    expect(isAnswerable(read(wire(mandatory, '', 'SIP/2.0 200 OK')))).toBe(false)
  })

  it('RFC 4475 §3.1.2.16: a request of another version can be answered', () => {
    const { code, message } = readMalformed(wire(mandatory, '', 'INVITE sip:bob@biloxi.example.com SIP/7.0'))
    expect([code, message && isAnswerable(message)]).toEqual(['version', true])
  })
})
