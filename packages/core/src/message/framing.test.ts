/** RFC 3261 §7.5 and §18.3, RFC 5626 §4.4.1: a stream is cut into the same messages, however its chunks were cut. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namesIn, readCorpus } from '../../../../test/corpus/files.ts'
import { Framer, type Framed } from './framing.ts'
import { H } from './header-names.ts'
import { isMalformed, parseMessage } from './parse.ts'
import { mandatory, wire } from './sample.ts'

const seed = 7531

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const message = (body = '', line = `Content-Length: ${body.length}`): string => wire([...mandatory, line], body)

/** What comes out, as text: messages, or what else it was. */
function framed(stream: string, cuts: (length: number) => number = (length) => length, limit?: number): string[] {
  const framer = new Framer(limit)
  const out: Framed[] = []
  for (let at = 0; at < stream.length;) {
    const next = at + Math.max(1, cuts(stream.length - at))
    out.push(...framer.push(bytes(stream.slice(at, next))))
    at = next
  }
  return out.map(textOf)
}

function textOf(each: Framed): string {
  if (each.kind === 'message') return each.bytes.toString('latin1')
  return each.kind === 'fault' ? `${each.fault}: ${each.bytes.toString('latin1')}` : each.kind
}

/** The same whole, in single bytes, and in twos and threes. */
function framedAnyhow(stream: string, limit?: number): string[] {
  const whole = framed(stream, undefined, limit)
  for (const size of [1, 2, 3, 7])
    expect(
      framed(stream, () => size, limit),
      `chunks of ${size}`,
    ).toEqual(whole)
  return whole
}

describe('messages', () => {
  it('RFC 3261 §18.3: end after Content-Length bytes of body', () => {
    const all = [message('v=0\r\n\r\n\0\n\n'), message(), message('SIP/2.0 200 OK\r\n\r\n')]
    expect(framedAnyhow(all.join(''))).toEqual(all)
  })

  it.each([
    'l: 5',
    'L:5',
    'CONTENT-LENGTH : 5',
    'Content-Length \t:\t 5 ',
    'Content-Length: 0005',
    'Content-Length:\r\n 5',
    'l\r\n :\r\n\t5',
  ])('RFC 3261 §7.3.3, §7.3.1: %j is a length', (line) => {
    expect(framedAnyhow(message('hello', line) + message())).toEqual([message('hello', line), message()])
  })

  it('RFC 3261 §7: lone line feeds end lines here as they do in a datagram', () => {
    const [head, body] = [message('', 'l: 4').replaceAll('\r\n', '\n'), '\r\n\r\n']
    expect(framedAnyhow(head + body + message())).toEqual([head + body, message()])
    expect(framedAnyhow(head.replace(/\n$/, '\r\n') + body + message())).toHaveLength(2)
  })

  it.each([
    ['in a body', message('l: 99\r\n\r\n', 'l: 9')],
    ['in the start line', wire([...mandatory, 'l: 0'], '', 'l: 7')],
    ['in a fold', message('', 'X: y\r\n l: 9\r\nl: 0')],
    ['in another name', message('', 'Xl: 9\r\nX-Content-Length: 9\r\nl: 0')],
  ])('RFC 3261 §7.3.1: what looks like a length %s is none', (_, text) => {
    expect(framedAnyhow(text + message())).toEqual([text, message()])
  })

  it('are bytes of their own: what was handed in may be used again', () => {
    const chunk = bytes(message('hello'))
    const [first] = new Framer().push(chunk)
    chunk.fill(0)
    expect(first && textOf(first)).toBe(message('hello'))
  })

  it('an unfinished one is waited for', () => {
    for (const cut of [1, 30, message('hello').length - 1]) expect(framed(message('hello').slice(0, cut))).toEqual([])
  })
})

describe('between messages', () => {
  it('RFC 5626 §4.4.1: two CR LF are a ping, one may be a pong', () => {
    expect(framedAnyhow('\r\n\r\n')).toEqual(['pong', 'ping'])
    expect(framedAnyhow(message() + '\r\n' + message())).toEqual([message(), 'pong', message()])
    expect(framedAnyhow(message() + '\r\n\r\n' + message() + '\r\n\r\n\r\n\r\n')).toEqual([
      message(),
      'pong',
      'ping',
      message(),
      'pong',
      'ping',
      'pong',
      'ping',
    ])
  })

  it('RFC 5626 §4.4.1: a ping is told at once, though nothing follows', () => {
    const framer = new Framer()
    expect(framer.push(bytes('\r'))).toEqual([])
    expect(framer.push(bytes('\n'))).toEqual([{ kind: 'pong' }])
    expect(framer.push(bytes('\r'))).toEqual([])
    expect(framer.push(bytes('\n'))).toEqual([{ kind: 'ping' }])
  })

  it('RFC 3261 §7.5: lone line feeds are skipped', () => {
    expect(framedAnyhow('\n\n' + message() + '\n')).toEqual([message()])
  })
})

describe('faults', () => {
  it.each([
    ['no_content_length', 'X: y'],
    ['no_content_length', 'Content-Length 5'],
    ['bad_content_length', 'Content-Length: -999'],
    ['bad_content_length', 'Content-Length: five'],
    ['bad_content_length', 'Content-Length:'],
    ['bad_content_length', 'Content-Length: 5, 5'],
    ['bad_content_length', 'Content-Length: 0\r0'],
    ['bad_content_length', 'Content-Length: 5\r\nl: 5'],
    ['body_too_large', 'Content-Length: 4294967301'],
    ['body_too_large', 'Content-Length: ' + '9'.repeat(400)],
  ])('RFC 3261 §18.3: %s, %s: the head is told and nothing behind it', (fault, line) => {
    const head = message('', line)
    expect(framedAnyhow(message() + head + 'hello' + message())).toEqual([message(), `${fault}: ${head}`])
  })

  it('nothing comes after one', () => {
    const framer = new Framer()
    expect(framer.push(bytes(message('', 'X: y')))).toHaveLength(1)
    expect(framer.push(bytes(message()))).toEqual([])
  })

  it('the limit is that of a whole message', () => {
    const text = message('hello')
    expect(framedAnyhow(text + text, text.length)).toEqual([text, text])
    const head = text.slice(0, -5)
    expect(framedAnyhow(text, text.length - 1)).toEqual([`body_too_large: ${head}`])
    expect(framedAnyhow(text, head.length - 1)).toEqual([`head_too_long: ${head.slice(0, -1)}`])
    expect(framedAnyhow('x'.repeat(500), 100)).toEqual([`head_too_long: ${'x'.repeat(100)}`])
  })

  it('RFC 4475 §3.1.2.2: a body that never comes is waited for, within the limit', () => {
    expect(framed(message('', 'Content-Length: 9999') + 'v=0\r\n')).toEqual([])
  })

  it('noise costs no more than its size, in single bytes too', () => {
    for (const noise of ['\n', '\r', ' ', 'a\n', 'l: \n ', '\r\n ']) {
      const started = performance.now()
      framed('x' + noise.repeat(60_000 / noise.length), () => 1)
      framed('x' + noise.repeat(60_000 / noise.length))
      expect(performance.now() - started, JSON.stringify(noise)).toBeLessThan(3000)
    }
  })
})

describe('properties', () => {
  const body = fc.uint8Array({ maxLength: 80 }).map((each) => Buffer.from(each).toString('latin1'))
  const name = fc.constantFrom('Content-Length', 'l', 'L ', 'CONTENT-LENGTH\t')
  const one = fc.tuple(body, name).map(([content, spelling]) => message(content, `${spelling}: ${content.length}`))
  const gap = fc.constantFrom('', '', '\r\n', '\r\n\r\n', '\n')
  const stream = fc.array(fc.tuple(gap, one), { minLength: 1, maxLength: 8 })
  const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 })

  it('RFC 3261 §18.3: messages in a row come out as they went in, cut anywhere', () => {
    fc.assert(
      fc.property(stream, sizes, (parts, chunks) => {
        const text = parts.flat().join('')
        let at = 0
        const all = framed(text, () => chunks[at++ % chunks.length]!)
        expect(all.filter((each) => each !== 'ping' && each !== 'pong')).toEqual(parts.map(([, each]) => each))
        expect(all).toEqual(framed(text))
      }),
      { seed, numRuns: 300 },
    )
  })

  it('whatever comes, in whatever chunks: the same comes out', () => {
    const noise = fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', 'l', ':', '3', ' ', 'x', '\0'), maxLength: 80 })
    fc.assert(
      fc.property(fc.array(fc.oneof(one, noise), { maxLength: 5 }), sizes, (parts, chunks) => {
        const text = parts.join('')
        let at = 0
        expect(framed(text, () => chunks[at++ % chunks.length]!, 400)).toEqual(framed(text, undefined, 400))
        expect(framed(text, () => 1, 400)).toEqual(framed(text, undefined, 400))
      }),
      { seed, numRuns: 500 },
    )
  })

  it('RFC 3261 §18.3: what it cuts out is what the parser takes: no byte more, none less', () => {
    const lines = fc.array(
      fc.oneof(
        fc.constantFrom(
          'X: y',
          'X: y\r\n l: 3',
          'l:\r\n 3',
          'l: 3',
          'Content-Length\r\n :3',
          'X: y\nl: 3',
          'l: 3\r',
          ' l: 3',
        ),
        fc.string({ unit: fc.constantFrom('l', ':', '3', ' ', '\t', '\r\n', '\n', '\r\n ', 'X'), maxLength: 12 }),
      ),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(lines, (each) => {
        const [first] = new Framer().push(bytes(wire([...mandatory, ...each], 'abcdefgh')))
        if (first?.kind !== 'message') return
        const parsed = parseMessage(first.bytes)
        if (isMalformed(parsed)) return
        expect(parsed.body.length).toBe(Number(parsed.value(H.ContentLength)))
        expect(first.bytes.toString('latin1').endsWith(parsed.body)).toBe(true)
      }),
      { seed, numRuns: 1000 },
    )
  })
})

describe('the corpus', () => {
  const folder = 'valid-messages'
  const text = (file: string): string => readCorpus(folder, file).toString('latin1')
  const single = namesIn(folder, '.sip').map(text)

  it.each(namesIn(folder, '.stream.txt'))('%s is cut into its messages at any chunk size', (file) => {
    const stream = text(file)
    const whole = framed(stream)
    expect(whole.filter((each) => each !== 'pong' && each !== 'ping')).toEqual(single)
    for (let size = 1; size < 2000; size += size < 64 ? 1 : 97) expect(framed(stream, () => size)).toEqual(whole)
  })

  it('so are they in any order', () => {
    const order = fc.array(fc.constantFrom(...single), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(order, fc.integer({ min: 1, max: 5000 }), (each, size) => {
        expect(framed(each.join(''), () => size)).toEqual(each)
      }),
      { seed, numRuns: 100 },
    )
  })
})
