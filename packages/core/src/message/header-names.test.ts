/** Names to numbers: any case, compact forms, and everything that only looks like a known name. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalName, H, headerId, headerIdAt, isList, isSingle } from './header-names.ts'

const known = Object.entries(H).filter(([, id]) => id !== H.Unknown)

describe('header names', () => {
  it.each(known)('RFC 3261 §7.3.1: %s is found in any case', (_, id) => {
    const name = canonicalName[id]!
    for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) expect(headerId(spelling)).toBe(id)
  })

  it('gives each name its own number, and spells it as its RFC does', () => {
    expect(new Set(known.map(([, id]) => id)).size).toBe(known.length)
    expect(
      [H.CallId, H.CSeq, H.WwwAuthenticate, H.MimeVersion, H.MinSE, H.RAck].map((id) => canonicalName[id]),
    ).toEqual(['Call-ID', 'CSeq', 'WWW-Authenticate', 'MIME-Version', 'Min-SE', 'RAck'])
    expect([H.MaxForwards, H.InReplyTo, H.RequestDisposition].map((id) => canonicalName[id])).toEqual([
      'Max-Forwards',
      'In-Reply-To',
      'Request-Disposition',
    ])
  })

  it.each([
    ['a', H.AcceptContact],
    ['b', H.ReferredBy],
    ['c', H.ContentType],
    ['d', H.RequestDisposition],
    ['e', H.ContentEncoding],
    ['f', H.From],
    ['i', H.CallId],
    ['j', H.RejectContact],
    ['k', H.Supported],
    ['l', H.ContentLength],
    ['m', H.Contact],
    ['n', H.IdentityInfo],
    ['o', H.Event],
    ['r', H.ReferTo],
    ['s', H.Subject],
    ['t', H.To],
    ['u', H.AllowEvents],
    ['v', H.Via],
    ['x', H.SessionExpires],
    ['y', H.Identity],
  ])('RFC 3261 §7.3.3: the compact form %s, in either case', (letter, id) => {
    expect(headerId(letter)).toBe(id)
    expect(headerId(letter.toUpperCase())).toBe(id)
  })

  it('RFC 4475 §3.1.1.5: an escape in a name is part of the name', () => expect(headerId('C%6Fntact')).toBe(H.Unknown))

  it('knows nothing that is only like a name', () => {
    for (const name of ['', 'Vi', 'Viaa', 'Via ', ' Via', 'From:', 'z', 'Call\rID', 'Call_ID', '\u212a', 'V\u0131a']) {
      expect(headerId(name), name).toBe(H.Unknown)
    }
  })

  it('is not misled by length and first letter: every number found is that of the very name', () => {
    const nameLike = fc.string({ unit: fc.constantFrom(...'viacseqfromtoCALL-ID_\r@`{'), maxLength: 8 })
    fc.assert(
      fc.property(nameLike, (name) => {
        const id = headerId(name)
        if (id !== H.Unknown && name.length > 1) expect(name.toLowerCase()).toBe(canonicalName[id]!.toLowerCase())
      }),
      { seed: 3261, numRuns: 2000 },
    )
  })

  it('finds a name inside a text by its place', () => {
    const text = 'X\r\nmax-FORWARDS: 70'
    expect(headerIdAt(text, 3, 15)).toBe(H.MaxForwards)
  })

  it('RFC 3261 §7.3.1: credentials and challenges are no lists, though they hold commas', () => {
    for (const id of [H.WwwAuthenticate, H.Authorization, H.ProxyAuthenticate, H.ProxyAuthorization]) {
      expect(isList[id] ?? false).toBe(false)
    }
    for (const id of [H.Via, H.Route, H.RecordRoute, H.Contact, H.Supported, H.AcceptContact]) {
      expect(isList[id]).toBe(true)
    }
  })

  it('RFC 3261 §20: what is single is no list, and its number fits a bit', () => {
    for (const [, id] of known) if (isSingle[id]) expect([isList[id] ?? false, id < 31]).toEqual([false, true])
  })
})
