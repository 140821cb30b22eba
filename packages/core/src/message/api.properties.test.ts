/** The header and URI API against models that are too simple to be wrong: a list of lines, a list of values, the parts of a URI. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Address } from './address.ts'
import { toBytes } from './chars.ts'
import { H, type HeaderId } from './header-names.ts'
import { Headers } from './headers.ts'
import { isMalformed, parseText } from './parse.ts'
import { makeResponse } from './reply.ts'
import { mandatory, read, wire } from './sample.ts'
import { Uri } from './uri.ts'

const seed = 3261
const options = { seed, numRuns: 400 }

describe('headers', () => {
  /** The same header by all its names. */
  const names = [
    ['Subject', 's', 'SUBJECT'],
    ['X-A', 'x-a'],
    ['Supported', 'k', 'supported'],
    ['Event', 'o'],
  ]
  const name = fc
    .constantFrom(...names.map((_, i) => i))
    .chain((i) => fc.tuple(fc.constant(i), fc.constantFrom(...names[i]!)))
  const value = fc
    .string({ unit: fc.constantFrom(...'abc ;=<>"\\', 'ü', '😀'), maxLength: 10 })
    .map((text) => text.trim())
  const edit = fc.oneof(
    fc.record({ how: fc.constant('add' as const), name, values: fc.tuple(value) }),
    fc.record({ how: fc.constant('set' as const), name, values: fc.array(value, { maxLength: 3 }) }),
    fc.record({ how: fc.constant('delete' as const), name, values: fc.constant([]) }),
  )

  it('any edits in any order: read back at once, and from the wire; what nobody touched stays where it was', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 12 }), (edits) => {
        const message = read(wire(mandatory, 'body'))
        const headers = new Headers(message)
        const model: [number, string][] = []
        for (const { how, name, values } of edits) {
          const [which, spelling] = name
          if (how === 'add') model.push([which, values[0]!])
          else replaceIn(model, which, values)
          if (how === 'add') headers.add(spelling, values[0]!)
          else if (how === 'set') headers.set(spelling, values)
          else headers.delete(spelling)
        }
        const fromWire = read(message.toWire())
        for (const each of [headers, new Headers(fromWire)]) {
          names.forEach(([long, short], which) => {
            const expected = model.filter(([id]) => id === which).map(([, text]) => text)
            const isListed = long === 'Supported'
            const wanted = isListed ? expected.filter((text) => text !== '') : expected
            expect([each.getAll(long!), each.getAll(short!)]).toEqual([wanted, wanted])
            expect(each.has(short!)).toBe(expected.length > 0)
          })
        }
        expect(message.toWire().startsWith(wire(mandatory).slice(0, -2))).toBe(true)
        expect([fromWire.body, fromWire.toWire()]).toEqual(['body', message.toWire()])
      }),
      options,
    )
  })

  /** `set` puts its values where the first of them stood. */
  function replaceIn(model: [number, string][], which: number, values: readonly string[]): void {
    const at = model.findIndex(([id]) => id === which)
    const rest = model.filter(([id]) => id !== which)
    rest.splice(at < 0 ? rest.length : at, 0, ...values.map((text): [number, string] => [which, text]))
    model.splice(0, model.length, ...rest)
  }
})

describe('lists of Vias and Routes', () => {
  const value = fc.constantFrom('<sip:a;lr>', '"x, y" <sip:b,c@d>;p=1', '<sip:e>;q="1,2"', 'sip:f')
  const comma = fc.constantFrom(',', ', ', ' ,\t', ',\r\n ', ',,', ' , , ')
  const line = fc.array(fc.tuple(value, comma), { minLength: 1, maxLength: 4 })
  const lines = fc.array(fc.tuple(fc.constantFrom('Route', 'ROUTE '), line), { maxLength: 4 })
  const change = fc.oneof(
    fc.constant('drop' as const),
    value.map((put) => ({ put })),
    value.map((swap) => ({ swap })),
  )

  it('RFC 3261 §7.3.1: values on lines or between commas: the same list', () => {
    fc.assert(
      fc.property(lines, fc.array(change, { maxLength: 8 }), (each, changes) => {
        const routes = each.map(
          ([name, parts]) =>
            `${name}: ${parts
              .map((part) => part.join(''))
              .join('')
              .replace(/[\s,]+$/, '')}`,
        )
        const message = read(wire([...mandatory, ...routes, 'X: y']))
        const model = each.flatMap(([, parts]) => parts.map(([text]) => text))
        for (const one of changes) {
          if (one === 'drop') {
            message.removeFirstValue(H.Route)
            model.shift()
          } else if ('put' in one) {
            message.prependValue(H.Route, one.put)
            model.unshift(one.put)
          } else {
            message.replaceFirstValue(H.Route, one.swap)
            if (model.length > 0) model[0] = one.swap
          }
          expect(message.values(H.Route)).toEqual(model)
          expect(message.address(H.Route)?.bytes).toEqual(model[0])
        }
        expect(read(message.toWire()).values(H.Route)).toEqual(model)
        expect(message.toWire()).toContain('\r\nX: y\r\n')
      }),
      options,
    )
  })
})

describe('the writer', () => {
  const bytes = fc.uint8Array({ maxLength: 30 }).map((each) => Buffer.from(each).toString('latin1'))
  const id = fc.constantFrom<HeaderId>(H.Contact, H.Subject, H.Via, H.RecordRoute, H.ContentType, H.Expires)
  const put = fc.string({ unit: fc.constantFrom(...'abc,;"<> ', '\xfc'), maxLength: 12 }).map((text) => text.trim())

  it('whatever is put into a message, it is read as it was written, and copies do not know of each other', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(id, put), { maxLength: 8 }), bytes, (puts, body) => {
        const message = read(wire(mandatory, 'old'))
        const before = message.toWire()
        const copy = message.clone()
        for (const [which, text] of puts) copy.put(which, text)
        copy.body = body
        const again = parseText(copy.toWire())
        if (isMalformed(again)) throw new Error(again.code)
        expect([again.toWire(), again.body, again.value(H.ContentLength)]).toEqual([
          copy.toWire(),
          body,
          String(body.length),
        ])
        for (const [which, text] of new Map(puts)) expect(again.value(which)).toBe(text)
        expect(message.toWire()).toBe(before)
      }),
      options,
    )
  })

  it('RFC 3261 §8.2.6: an answer to anything copies what it must, to the byte', () => {
    const odd = fc.constantFrom(
      '  Bob <sip:b@c> ',
      '<sip:b@c>;x',
      'sip:b@c',
      '"\\"" <sip:b@c>;tag=t',
      '<sip:b@c>\r\n ;\r\n tag\r\n =x',
    )
    fc.assert(
      fc.property(odd, fc.integer({ min: 100, max: 699 }), (to, status) => {
        const request = read(wire(mandatory.map((line) => (line.startsWith('To:') ? `t:${to}` : line))))
        const answer = read(makeResponse(request, status, '', 'mine').toWire())
        expect(answer.toTag).toBe(request.toTag || 'mine')
        for (const which of [H.Via, H.From, H.CallId, H.CSeq]) expect(answer.value(which)).toBe(request.value(which))
        expect(answer.address(H.To)?.uriBytes).toBe(request.address(H.To)?.uriBytes)
      }),
      options,
    )
  })
})

describe('URIs', () => {
  const text = fc.string({
    unit: fc.constantFrom(...'aZ09-_.!~*\'()&=+$,;?/:@%#[] <>"\\', 'ü', '😀', '\0'),
    maxLength: 8,
  })
  const host = fc.constantFrom('example.com', '192.0.2.1', '[2001:db8::1]', 'a')
  const port = fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: null })
  const scheme = fc.constantFrom('sip', 'sips')

  it('RFC 3261 §19.1.2: any user and password can be set, and is read back from the bytes', () => {
    fc.assert(
      fc.property(text, text, host, port, scheme, (user, password, to, at, kind) => {
        const uri = Uri.from('sip:x@y;lr').with({
          scheme: kind,
          user,
          host: to,
          port: at,
          ...(user !== '' && { password }),
        })
        const again = Uri.parse(uri.bytes)!
        expect([again.scheme, again.user, again.host, again.port, again.param('lr')]).toEqual([
          kind,
          user,
          to,
          at ?? undefined,
          '',
        ])
        if (user !== '') expect(again.password).toBe(password)
        expect(Address.parse(`<${uri.bytes}>;tag=t`)?.uri.equals(uri)).toBe(true)
        expect(toBytes(uri.toString())).toBe(uri.bytes)
      }),
      options,
    )
  })

  it('RFC 3261 §19.1.4: equality goes both ways, and changing a part and back changes nothing', () => {
    const some = fc
      .tuple(scheme, text, host, port)
      .map(([kind, user, to, at]) => Uri.from('sip:h').with({ scheme: kind, user, host: to, port: at }))
    fc.assert(
      fc.property(some, some, text, (a, b, user) => {
        expect(a.equals(b)).toBe(b.equals(a))
        expect([a.equals(a), a.with({}).equals(a), a.with({ user }).with({ user: a.user }).equals(a)]).toEqual([
          true,
          true,
          true,
        ])
        expect(a.with({ user }).equals(a)).toBe(user === a.user)
      }),
      options,
    )
  })

  it('RFC 3261 §19.1.1: any value of a parameter can be set, and others stay', () => {
    fc.assert(
      fc.property(
        text.filter((each) => each !== ''),
        (value) => {
          const uri = Uri.from('sip:a@b;x=1;lr').with({ params: { y: value } })
          const again = Uri.parse(uri.bytes)!
          expect([again.param('y'), again.param('x'), again.param('lr')]).toEqual([value, '1', ''])
          expect(again.with({ params: { Y: null } }).bytes).toBe('sip:a@b;x=1;lr')
        },
      ),
      options,
    )
  })
})
