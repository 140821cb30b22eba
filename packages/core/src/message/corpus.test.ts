/** Messages that nobody here wrote, through the parser: RFC 4475, RFC 5118 and a set of valid ones, each with its verdict in an index. */
import { describe, expect, it } from 'vitest'
import { messagesOf, namesIn, readCorpus } from '../../../../test/corpus/files.ts'
import { Address } from './address.ts'
import { splitOutside } from './chars.ts'
import { checkMessage, isAnswerable, type Fault } from './check.ts'
import { H } from './header-names.ts'
import { Headers } from './headers.ts'
import type { Message } from './message.ts'
import { isMalformed, parseMessage, type Malformed, type MalformedCode } from './parse.ts'
import { makeResponse } from './reply.ts'
import { invite } from './sample.ts'
import { Uri } from './uri.ts'
import { parseVia } from './via.ts'

type Outcome = 'ok' | Fault | MalformedCode

function outcomeOf(result: Message | Malformed): Outcome {
  return isMalformed(result) ? result.code : (checkMessage(result) ?? 'ok')
}

/** Says why a message that must be rejected is well here: what answers it later, or why nothing has to. */
const departures: Record<string, string> = {
  'ltgtruri.dat': 'The Request-URI is read by the proxy (RFC 3261 §16.3 step 1): 400, since `uri` is undefined',
  'ipv6-bad.sip': 'The Request-URI is read by the proxy (RFC 3261 §16.3 step 1): 400, since `uri` is undefined',
  'escruri.dat': 'The Request-URI is read by the proxy, which sees its header components in `uri.headers`',
  'baddate.dat': 'RFC 4475 §3.1.2.12: a proxy does not need Date, and passes it on',
  'regbadct.dat': 'RFC 4475 §3.1.2.13: a proxy does not need Contact, and passes it on; a registrar reads it',
  'badaspec.dat': 'RFC 4475 §3.1.2.14: blanks inside the brackets may be ignored',
}

/** What is wrong with each message that is rejected here. */
const rejected: Record<string, Outcome> = {
  'badinv01.dat': 'Bad Via',
  'clerr.dat': 'truncated',
  'ncl.dat': 'content_length',
  'scalar02.dat': 'Bad CSeq',
  'scalarlg.dat': 'Bad CSeq',
  'quotbal.dat': 'Bad To',
  'lwsruri.dat': 'start_line',
  'lwsstart.dat': 'start_line',
  'trws.dat': 'start_line',
  'baddn.dat': 'no_end',
  'baddn-terminated.dat': 'Bad From',
  'badvers.dat': 'version',
  'mismatch01.dat': 'Bad CSeq',
  'mismatch02.dat': 'Bad CSeq',
  'bigcode.dat': 'start_line',
  'insuf.dat': 'Bad Call-ID',
  'multi01.dat': 'duplicate_header',
  'mcl01.dat': 'duplicate_header',
}

/** Rejected, and nobody is told: they are responses. */
const unanswerable = ['scalarlg.dat', 'bigcode.dat']

const torture = ['rfc4475', 'rfc5118'].flatMap(messagesOf)
const invalid = torture.filter(({ verdict }) => verdict === 'invalid')
const valid = torture.filter(({ verdict }) => verdict === 'valid')
const plain = messagesOf('valid-messages')

describe('valid messages', () => {
  it.each([...valid, ...plain])('$folder/$file is read, and leaves as it came', ({ folder, file }) => {
    const datagram = readCorpus(folder, file)
    const message = parseMessage(datagram)
    expect(outcomeOf(message)).toBe('ok')
    if (isMalformed(message)) return
    const came = datagram.toString('latin1')
    // RFC 4475 §3.1.1.8: what is behind the body is no part of the message.
    expect(message.toWire()).toBe(file === 'dblreq.dat' ? came.slice(0, came.indexOf('\r\n\r\n') + 4) : came)
  })
})

describe('messages that must be rejected', () => {
  it.each(invalid)('$folder/$file', ({ folder, file }) => {
    const result = parseMessage(readCorpus(folder, file))
    const outcome = outcomeOf(result)
    expect(outcome, departures[file]).toBe(file in departures ? 'ok' : rejected[file])
    const message = isMalformed(result) ? result.message : result
    expect(message !== undefined && isAnswerable(message)).toBe(!unanswerable.includes(file))
    if (message !== undefined && isAnswerable(message)) {
      const answer = parseMessage(Buffer.from(makeResponse(message, 400, '', 'tag').toWire(), 'latin1'))
      expect(isMalformed(answer)).toBe(false)
    }
  })

  it('the tables name these and no others', () => {
    const named = [...Object.keys(departures), ...Object.keys(rejected)].sort()
    expect(named).toEqual(invalid.map((entry) => entry.file).sort())
  })
})

describe('every file', () => {
  const folders = ['rfc4475', 'rfc5118', 'rfc5118/archive', 'valid-messages']
  const files = folders.flatMap((folder) => namesIn(folder).map((file) => [folder, file] as const))

  it.each(files)('%s/%s is a value, never an exception', (folder, file) => {
    const result = parseMessage(readCorpus(folder, file))
    expect(isMalformed(result) ? typeof result.code : typeof outcomeOf(result)).toBe('string')
  })
})

describe('what stands in them', () => {
  const read = (file: string, folder = 'rfc4475'): Message => {
    const result = parseMessage(readCorpus(folder, file))
    if (isMalformed(result)) throw new Error(`${file}: ${result.code} at ${result.offset}`)
    return result
  }
  const addresses = (message: Message, id: number): (Address | undefined)[] =>
    message.values(id).map((value) => Address.parse(value))

  it('RFC 4475 §3.1.1.1: a short tortuous INVITE', () => {
    const message = read('wsinv.dat')
    const headers = new Headers(message)
    expect([message.cseq, Number(message.value(H.MaxForwards)), message.toTag, message.fromTag]).toEqual([
      { number: 9, method: 'INVITE' },
      68,
      '1918181833n',
      '98asjd8',
    ])
    expect(message.topVia).toMatchObject({ transport: 'UDP', host: '192.0.2.2', branch: '390skdjuw' })
    expect(message.values(H.Via)).toHaveLength(3)
    expect([message.address(H.From)?.display, headers.get('Subject')]).toEqual(['J Rosenberg \\"', ''])
    expect(message.address(H.Contact)?.param('q')).toBe('0.33')
    expect(message.address(H.Route)?.uri.param('unknownwith')).toBe('value')
  })

  it('RFC 4475 §3.1.1.2: the method is any token, and a display name may hold NUL', () => {
    const message = read('intmeth.dat')
    expect(message.method).toBe("!interesting-Method0123456789_*+`.%indeed'~")
    expect(message.address(H.To)?.display).toContain('\0')
  })

  it('RFC 4475 §3.1.1.3: escapes are undone once, in names too', () => {
    const message = read('esc01.dat')
    const contact = message.address(H.Contact)!.uri
    expect([message.uri?.user, message.uri?.host]).toEqual(['sips:user@example.com', 'example.net'])
    expect(message.address(H.To)?.uri.equals('sip:user@example.com')).toBe(true)
    expect([contact.user, contact.param('name'), contact.param('lr')]).toEqual(['caller', 'value%41', ''])
  })

  it('RFC 4475 §3.1.1.4: an escaped NUL ends nothing', () => {
    const message = read('escnull.dat')
    const [one, two] = addresses(message, H.Contact)
    expect(message.address(H.To)?.uri.user).toHaveLength(11)
    expect(one!.uri.equals(two!.uri)).toBe(false)
  })

  it('RFC 4475 §3.1.1.5: % is not always an escape', () => {
    const message = read('esc02.dat')
    expect([message.method, message.address(H.To)?.display]).toEqual(['RE%47IST%45R', '%Z%45'])
    expect(message.values(H.Contact)).toHaveLength(2)
    expect(new Headers(message).has('C%6Fntact')).toBe(true)
  })

  it('RFC 4475 §3.1.1.7 to §3.1.1.13: long, lax and opaque', () => {
    expect(read('longreq.dat').values(H.Via)).toHaveLength(34)
    expect([read('dblreq.dat').method, read('dblreq.dat').body]).toEqual(['REGISTER', ''])
    expect(read('semiuri.dat').uri?.user).toBe('user;par=u@example.net')
    expect(read('transports.dat').values(H.Via)).toHaveLength(5)
    expect(read('mpart01.dat').body).toHaveLength(553)
    expect(Buffer.from(read('unreason.dat').reason, 'latin1').toString('utf8')).toBe(
      '= 2**3 * 5**2 но сто девяносто девять - простое',
    )
    expect([read('noreason.dat').status, read('noreason.dat').reason]).toEqual([100, ''])
  })

  it('RFC 4475 §3.3: what an element above answers is here to be seen', () => {
    expect([read('unkscm.dat').uri?.scheme, read('novelsc.dat').uri?.scheme]).toEqual([
      'nobodyknowsthisscheme',
      'soap.beep',
    ])
    expect(read('bext01.dat').values(H.ProxyRequire)).toEqual(['noProxiesSupportThis', 'norDoAnyProxiesSupportThis'])
    expect(read('zeromf.dat').value(H.MaxForwards)).toBe('0')
    expect(read('badbranch.dat').topVia?.branch).toBe('z9hG4bK')
    expect(read('inv2543.dat').body).toHaveLength(105)
    expect(
      [read('cparam01.dat'), read('cparam02.dat')].map((m) => m.address(H.Contact)?.uri.param('unknownparam')),
    ).toEqual([undefined, ''])
    expect(read('escruri.dat').uri?.headers).toBe('?Route=%3Csip:example.com%3E')
    expect([read('ltgtruri.dat').uri, read('ipv6-bad.sip', 'rfc5118').uri]).toEqual([undefined, undefined])
  })

  it('RFC 5118 §4: IPv6 references', () => {
    const uriOf = (file: string): unknown[] => [read(file, 'rfc5118').uri?.host, read(file, 'rfc5118').uri?.port]
    expect(uriOf('port-ambiguous.sip')).toEqual(['[2001:db8::10:5070]', undefined])
    expect(uriOf('port-unambiguous.sip')).toEqual(['[2001:db8::10]', 5070])
    expect(uriOf('ipv6-bug-abnf-3-colons.sip')).toEqual(['[2001:db8:::192.0.2.1]', undefined])
    expect(read('ipv4-mapped-ipv6.sip', 'rfc5118').topVia).toMatchObject({ host: '[::ffff:192.0.2.10]', port: 19823 })
    expect(read('via-received-param-with-delim.sip', 'rfc5118').topVia?.received).toBe('[2001:db8::9:255]')
  })
})

interface HeaderIndex {
  headers: { header: string; arrays: Record<string, string[]> }[]
}

describe('header values that another parser is tested with', () => {
  const index = JSON.parse(readCorpus('jain-headers', 'index.json').toString('utf8')) as HeaderIndex
  const lines = (header: string): string[] =>
    index.headers
      .filter((each) => each.header === header)
      .flatMap(({ arrays }) => Object.values(arrays).flat())
      .map((line) => line.replace(/\r?\n$/, ''))
  const ofMessages = index.headers.map(({ header }) => header).filter((name) => !/^(Address|URL|HostName)$/.test(name))
  const addresses = ['From', 'Contact', 'Route', 'RecordRoute', 'ReferTo', 'ReferredBy', 'Path', 'PAssertedIdentity']

  it.each(ofMessages)('%s: each line is read, and leaves as it came', (header) => {
    for (const line of lines(header)) {
      // A line feed that continues nothing is the collector's.
      if (/\n[^ \t]/.test(line)) continue
      const wire = invite(line)
      const message = parseMessage(Buffer.from(wire))
      // What a second From and the like is, and a length without a body.
      if (isMalformed(message)) expect(['duplicate_header', 'truncated'], line).toContain(message.code)
      else expect(message.toWire()).toBe(wire)
    }
  })

  it.each(addresses)('RFC 3261 §25.1: %s: each value is an address', (header) => {
    for (const line of lines(header)) {
      const value = line.slice(line.indexOf(':') + 1)
      if (value.trim() === '*' || /\n[^ \t]/.test(line)) continue
      for (const each of splitOutside(value, ',')) expect(Address.parse(each)?.isValid, each).toBe(true)
    }
  })

  it('RFC 3261 §20.42: each Via is one, but for the comments of RFC 2543 §6.40', () => {
    for (const line of lines('Via')) {
      for (const value of splitOutside(line.slice(line.indexOf(':') + 1), ',')) {
        if (!value.includes('(')) expect(parseVia(value), value).toBeDefined()
      }
    }
  })

  it('RFC 3261 §19.1: URIs, addresses and hosts', () => {
    for (const text of lines('URL')) expect(Uri.parse(text), text).toBeDefined()
    for (const text of lines('Address')) expect(Address.parse(text)?.isValid, text).toBe(true)
    // Blanks may stand around the colon of a Via, and in no URI.
    for (const text of lines('HostName'))
      expect(Uri.parse(`sip:${text}`) !== undefined, text).toBe(/^[^ :]+(:\d+)?$/.test(text))
  })
})
