/** A call as a diagram. */
import { describe, expect, it } from 'vitest'
import { ladder, summary, type LadderEvent } from './ladder.ts'

const wire = (start: string, cseq = '1 INVITE'): string => `${start}\r\nVia: x\r\nCSeq: ${cseq}\r\n\r\n`
const [phone, proxy, carrier] = ['127.0.0.1:15060', '127.0.0.1:5080', '127.0.0.1:5090']

function message(from: string, to: string, start: string, cseq?: string): LadderEvent {
  return { kind: 'message', from, to, wire: wire(start, cseq) }
}

const call: LadderEvent[] = [
  message(phone, proxy, 'INVITE sip:bob@x SIP/2.0'),
  { kind: 'route', at: proxy, what: 'onRequest', where: 'routes/main.ts:3:1' },
  message(proxy, carrier, 'INVITE sip:bob@x SIP/2.0'),
  message(carrier, proxy, 'SIP/2.0 407 Proxy Authentication Required'),
  message(phone, carrier, 'ACK sip:bob@x SIP/2.0', '1 ACK'),
]

describe('RFC 3665: a ladder', () => {
  const lines = ladder(call, new Map([[proxy, 'signalbox']])).split('\n')

  it('has the addresses on top, in the order of their appearance, with the names that are known', () => {
    expect(lines[0]!.trim()).toBe('signalbox')
    expect(lines[1]!.trim().split(/ +/)).toEqual([phone, proxy, carrier])
  })

  it('has a line for each event, arrows in their direction', () => {
    expect(lines).toHaveLength(2 + call.length + 1)
    expect(lines[2]).toMatch(/│─+ 1 INVITE ─+▶│ +│$/)
    expect(lines[4]).toMatch(/│ +│─+ 1 INVITE ─+▶│$/)
    expect(lines[5]).toMatch(/│ +│◀─+ 407 .* \(1 INVITE\) ─+│$/)
    expect(lines[6]).toMatch(/│─+ 1 ACK ─+▶│$/)
  })

  it('has the route lines that ran, at who ran them', () => {
    expect(lines[3]).toMatch(/│ +│ ● onRequest {2}routes\/main\.ts:3:1/)
  })

  it('has a request that comes back to who sent it whole, beside its rail', () => {
    const spiral = ladder([...call, message(proxy, proxy, 'INVITE sip:agent@x SIP/2.0')]).split('\n')
    expect(spiral.at(-2)).toMatch(/│ +│ ↺ 1 INVITE +│$/)
  })

  it('has its rails under one another', () => {
    const rails = lines
      .slice(2, 3)
      .concat(lines.slice(4, 6))
      .map((line) => [...line].flatMap((c, i) => (c === '│' ? [i] : [])))
    expect(new Set(rails.map((columns) => columns.join())).size).toBe(1)
  })

  it('has no blanks at the end of a line', () => expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]))
})

describe('a ladder with times', () => {
  const at = (event: LadderEvent, time: number): LadderEvent => ({ ...event, time })
  const lines = ladder([
    at(call[0]!, 0),
    at(call[1]!, 0),
    at({ ...call[2]!, lost: true } as LadderEvent, 12_500),
  ]).split('\n')

  it('has each where time went on, and its rails where they were', () => {
    expect(lines.slice(1, 5).map((line) => /^\d[\d.]*/.exec(line)?.[0])).toEqual([
      undefined,
      '0.000',
      undefined,
      '12.500',
    ])
    expect(lines[2]!.indexOf('│')).toBe(lines[4]!.indexOf('│'))
  })

  it('shows what did not arrive', () => expect(lines[4]).toMatch(/│─+ 1 INVITE ─+✗│$/))
})

it('of nothing is empty', () => expect(ladder([]).trim()).toBe(''))

it('a route line of somebody who sent nothing is shown all the same', () => {
  expect(ladder([{ kind: 'route', at: 'nowhere', what: 'onRequest', where: '' }])).toContain('● onRequest')
})

it.each([
  [wire('INVITE sip:x SIP/2.0', '7 INVITE'), '7 INVITE'],
  [wire('SIP/2.0 200 OK', '7 BYE'), '200 OK (7 BYE)'],
  [wire('SIP/2.0 180', '7 INVITE'), '180 (7 INVITE)'],
  [wire('INVITE sip:x SIP/2.0').replace('CSeq: 1', 'cseq :\t1'), '1 INVITE'],
])('a message in short: %j', (text, expected) => expect(summary(text)).toBe(expected))

it('a long reason is cut', () => {
  const short = summary(wire('SIP/2.0 407 Proxy Authentication Required'))
  expect(short).toMatch(/^407 Proxy .*… \(1 INVITE\)$/)
})
