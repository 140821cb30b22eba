/** What is remembered of callers who move, and in which order. */
import { expect, it } from 'vitest'
import type { Message } from '../message/message.ts'
import { read } from '../message/sample.ts'
import { MovedCallers } from './way-back.ts'

const WAYS = ['192.0.2.1 5060', '192.0.2.9 40000']

function update(contact: string, cseq = 2): Message {
  const message = read(
    [
      'UPDATE sip:bob@b.example SIP/2.0',
      'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
      'From: <sip:alice@a.example>;tag=a',
      'To: <sip:bob@b.example>;tag=b',
      'Call-ID: call',
      `CSeq: ${cseq} UPDATE`,
      `Contact: <sip:alice@${contact}>`,
      '\r\n',
    ].join('\r\n'),
  )
  message.source = { transport: 'udp', address: '192.0.2.9', port: 40_000 }
  return message
}

it('RFC 3261 §13.3.1.4: a 2xx that is repeated, or comes late, brings no earlier place back', () => {
  const moved = new MovedCallers()
  const [first, second] = [update('192.0.2.3'), update('192.0.2.4', 3)].map((each) => moved.follow('x', each, WAYS)!)
  first!()
  expect(moved.waysOf('x')).toContain('192.0.2.3 5060')
  second!()
  first!()
  expect(moved.waysOf('x')).toEqual(['192.0.2.4 5060', '192.0.2.9 40000'])
})

it('nobody who is where he was is remembered, nor who says so from another address', () => {
  const moved = new MovedCallers()
  expect(moved.follow('x', update('192.0.2.1'), WAYS)).toBeUndefined()
  const away = update('192.0.2.3')
  away.source = { transport: 'udp', address: '192.0.2.10', port: 40_000 }
  expect(moved.follow('x', away, WAYS)).toBeUndefined()
})

it('not everybody is remembered for ever: who moved longest ago goes', () => {
  const moved = new MovedCallers()
  const request = update('192.0.2.3')
  for (let i = 0; i <= 10_000; i++) moved.follow(`${i}`, request, WAYS)!()
  expect([0, 1, 10_000].map((i) => moved.waysOf(`${i}`).length)).toEqual([0, 2, 2])
})
