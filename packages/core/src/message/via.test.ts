/** RFC 3261 §20.42, and what a server adds to the topmost Via: §18.2.1, RFC 3581 §4. */
import { describe, expect, it } from 'vitest'
import { parseVia, stampReceived, type Via } from './via.ts'

function via(value: string): Via {
  const parsed = parseVia(value)
  if (parsed === undefined) throw new Error(`no Via: ${value}`)
  return parsed
}

function stamp(value: string, address = '192.0.2.9', port = 1024): string | undefined {
  return stampReceived(via(value), address, port)
}

describe('parseVia', () => {
  it.each([
    ['SIP/2.0/UDP h', 'UDP', 'h', undefined, ''],
    ['SIP/2.0/UDP h:5070;branch=z9hG4bK1', 'UDP', 'h', 5070, 'z9hG4bK1'],
    ['SIP/2.0/tcp h ; Branch = z9hG4bK2', 'TCP', 'h', undefined, 'z9hG4bK2'],
    ['SIP  / 2.0\r\n / UDP  192.0.2.2 : 5060 ;branch=390skdjuw', 'UDP', '192.0.2.2', 5060, '390skdjuw'],
    ['sip/2.0/TLS-SCTP\th;branch=b', 'TLS-SCTP', 'h', undefined, 'b'],
    ['SIP/2.0/UNKNOWN h;branch=b', 'UNKNOWN', 'h', undefined, 'b'],
    ['SIP/2.0/UDP [2001:db8::9:1];branch=b', 'UDP', '[2001:db8::9:1]', undefined, 'b'],
    ['SIP/2.0/UDP [2001:db8::9:1]:6050;branch=b', 'UDP', '[2001:db8::9:1]', 6050, 'b'],
    ['SIP/2.0/UDP [2001:db8::9:1] : 6050', 'UDP', '[2001:db8::9:1]', 6050, ''],
    ['SIP/2.0/UDP [::1] ;branch=b', 'UDP', '[::1]', undefined, 'b'],
    ['SIP/7.0/UDP c.example.com;branch=b', 'UDP', 'c.example.com', undefined, 'b'],
  ])('RFC 3261 §20.42: %j', (value, transport, host, port, branch) => {
    const { transport: t, host: h, port: p, branch: b } = via(value)
    expect([t, h, p, b]).toEqual([transport, host, port, branch])
  })

  it.each([
    '',
    'SIP/2.0/UDP',
    'SIP/2.0/UDP ',
    'SIP/2.0 h',
    'SIP/2.0/UDPh',
    'HTTP/2.0/UDP h',
    'SIP/2.0/UDP h x',
    'SIP/2.0/UDP ;branch=b',
    'SIP/2.0/UDP h:;branch=b',
    'SIP/2.0/UDP h:99999',
    'SIP/2.0/UDP 2001:db8::1;branch=b',
    'SIP/2.0/UDP [2001:db8::1;branch=b',
    'SIP/2.0/U\xa0P h',
    'SIP/2.0/UDP h\xa0',
    'SIP/2.0/UDP <h>',
  ])('RFC 3261 §25.1: %j is none', (value) => expect(parseVia(value)).toBeUndefined())

  it('RFC 3581 §3: rport without a value is asked for, with one is filled in', () => {
    expect([via('SIP/2.0/UDP h;rport').rport, via('SIP/2.0/UDP h;rport=5').rport, via('SIP/2.0/UDP h').rport]).toEqual([
      '',
      '5',
      undefined,
    ])
  })

  it('RFC 5118 §4.5: received with and without brackets', () => {
    expect(via('SIP/2.0/UDP h;received=[2001:db8::9:255];maddr=224.0.0.1').received).toBe('[2001:db8::9:255]')
    expect(via('SIP/2.0/UDP h;received=2001:db8::9:255').received).toBe('2001:db8::9:255')
  })

  it('RFC 4475 §3.1.2.1: a missing parameter is told, and the rest is read, so that a 400 finds its way', () => {
    const values = ['SIP/2.0/UDP h;;branch=b', 'SIP/2.0/UDP h;branch=b;', 'SIP/2.0/UDP h;branch=b', 'SIP/2.0/UDP h']
    expect(values.map((value) => via(value).lacksParam)).toEqual([true, true, false, false])
    expect(via('SIP/2.0/UDP h;;branch=b')).toMatchObject({ host: 'h', branch: 'b' })
    const lacks = (params: string): boolean => via('SIP/2.0/UDP h' + params).lacksParam
    for (const params of [';', ';;', ';a;', ';a;;b', '; ;a', ';a; ']) expect(lacks(params), params).toBe(true)
    for (const params of ['', ';a', ';a=1; b', ';a=";;"']) expect(lacks(params), params).toBe(false)
  })

  it('keeps the whole value on one line', () => {
    expect(via(' SIP/2.0/UDP h\r\n ;branch=b;x="a;b" ').bytes).toBe('SIP/2.0/UDP h ;branch=b;x="a;b"')
  })

  it('reads sent-by in linear time, however many blanks there are', () => {
    const started = performance.now()
    expect(parseVia('SIP/2.0/UDP a' + ' '.repeat(60_000) + 'b')).toBeUndefined()
    expect(parseVia('SIP/2.0/UDP a' + ' '.repeat(60_000) + ': 1;x')?.port).toBe(1)
    expect(performance.now() - started).toBeLessThan(500)
  })
})

describe('stampReceived', () => {
  it('RFC 3261 §18.2.1: nothing is added when sent-by is the source', () => {
    expect(stamp('SIP/2.0/UDP 192.0.2.9;branch=b')).toBeUndefined()
    expect(stamp('SIP/2.0/UDP [2001:db8::1]:5070;branch=b', '2001:db8::1')).toBeUndefined()
  })

  it('RFC 3261 §18.2.1: received is added when sent-by is a name or another address', () => {
    expect(stamp('SIP/2.0/UDP h.example;branch=b')).toBe('SIP/2.0/UDP h.example;branch=b;received=192.0.2.9')
    expect(stamp('SIP/2.0/UDP 10.0.0.1')).toBe('SIP/2.0/UDP 10.0.0.1;received=192.0.2.9')
    expect(stamp('SIP/2.0/UDP h', '2001:db8::1')).toBe('SIP/2.0/UDP h;received=2001:db8::1')
  })

  it('RFC 3581 §4: with rport both are filled in, even when sent-by is the source', () => {
    expect(stamp('SIP/2.0/UDP 10.1.1.1:4540;rport;branch=z9hG4bKkjshdyff', '192.0.2.1', 9988)).toBe(
      'SIP/2.0/UDP 10.1.1.1:4540;rport=9988;branch=z9hG4bKkjshdyff;received=192.0.2.1',
    )
    expect(stamp('SIP/2.0/UDP 192.0.2.9;branch=b; RPORT')).toBe(
      'SIP/2.0/UDP 192.0.2.9;branch=b;rport=1024;received=192.0.2.9',
    )
  })

  it('RFC 3581 §4: what the sender filled in is replaced', () => {
    expect(stamp('SIP/2.0/UDP h;rport=6;branch=b')).toBe('SIP/2.0/UDP h;rport=1024;branch=b;received=192.0.2.9')
    expect(stamp('SIP/2.0/UDP h;rport;rport=6')).toBe('SIP/2.0/UDP h;rport=1024;received=192.0.2.9')
  })

  it.each([
    'SIP/2.0/UDP h;received=203.0.113.6;branch=b',
    'SIP/2.0/UDP h;Received=203.0.113.6;branch=b',
    'SIP/2.0/UDP h;received=203.0.113.6;branch=b;received=203.0.113.7',
    'SIP/2.0/UDP h; received = 203.0.113.6;branch=b',
    'SIP/2.0/UDP h;received;branch=b',
  ])('RFC 3261 §18.2.1: no received of the sender survives: %s', (value) => {
    expect(stamp(value)).toBe('SIP/2.0/UDP h;branch=b;received=192.0.2.9')
    expect(stamp(value.replace(' h;', ' 192.0.2.9;'))).toBe('SIP/2.0/UDP 192.0.2.9;branch=b')
  })

  it('touches neither what is quoted nor what has a longer name', () => {
    expect(stamp('SIP/2.0/UDP h;x=";rport;received=1";received-by=me;rport-x;rport')).toBe(
      'SIP/2.0/UDP h;x=";rport;received=1";received-by=me;rport-x;rport=1024;received=192.0.2.9',
    )
  })

  it('gives what reads back as stamped', () => {
    for (const value of ['SIP/2.0/UDP h', 'SIP/2.0/UDP h;rport', 'SIP / 2.0 / UDP h : 5 ; rport ; received=1']) {
      expect(parseVia(stamp(value)!)?.received).toBe('192.0.2.9')
    }
  })
})
