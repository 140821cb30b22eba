/** What each message of the corpus is and what a proxy must do with it, in our words; and where we do something else, with the reason. */
import type { Outcome } from './examine.ts'

export interface Expectation {
  /** RFC 4475 or 5118. */
  readonly clause: string
  readonly what: string
  /** What is right; the first is what the RFC likes best. A status stands for any reason phrase. */
  readonly wants: readonly Outcome[]
  /** Of a response: fields that stay its own when it is put in the place of a live answer, since they are what is wrong with it. */
  readonly keep?: readonly string[]
  /** Of a response: what counts is only that it goes nowhere when it belongs to nothing. */
  readonly strayOnly?: true
}

const entry = (clause: string, what: string, ...wants: Outcome[]): Expectation => ({ clause, what, wants })

export const rfc4475: Record<string, Expectation> = {
  'wsinv.dat': entry('3.1.1.1', 'blanks and folds wherever they may stand', 'forwarded'),
  'intmeth.dat': entry('3.1.1.2', 'a method of every token character, NUL in a display name', 'forwarded'),
  'esc01.dat': entry('3.1.1.3', 'escapes in URIs', 'forwarded'),
  'escnull.dat': entry('3.1.1.4', 'escaped NULs in URIs', 'forwarded'),
  'esc02.dat': entry('3.1.1.5', '% that escapes nothing', 'forwarded'),
  'lwsdisp.dat': entry('3.1.1.6', 'no blank between display name and <', 'forwarded'),
  'longreq.dat': entry('3.1.1.7', 'long values, 34 Vias', 'forwarded'),
  'dblreq.dat': entry('3.1.1.8', 'a second request behind the first, in one datagram', 'forwarded'),
  'semiuri.dat': entry('3.1.1.9', 'semicolons in the user part', 'forwarded'),
  'transports.dat': entry('3.1.1.10', 'Vias of unknown transports', 'forwarded'),
  'mpart01.dat': entry('3.1.1.11', 'a binary multipart body', 'forwarded'),
  'unreason.dat': entry('3.1.1.12', 'a response: UTF-8 in its reason phrase', 'forwarded'),
  'noreason.dat': entry('3.1.1.13', 'a response: 100 without a reason phrase', 'absorbed'),
  'badinv01.dat': entry('3.1.2.1', 'separators with nothing between them', '400'),
  'clerr.dat': entry('3.1.2.2', 'Content-Length beyond the datagram', '400'),
  'ncl.dat': entry('3.1.2.3', 'a negative Content-Length', '400'),
  'scalar02.dat': entry('3.1.2.4', 'numbers too large, CSeq among them', '400'),
  'scalarlg.dat': { ...entry('3.1.2.5', 'a response: numbers too large, CSeq among them', 'dropped'), keep: ['cseq'] },
  'quotbal.dat': entry('3.1.2.6', 'a quote that does not end', '400'),
  'ltgtruri.dat': entry('3.1.2.7', 'the Request-URI in angle brackets', '400', 'forwarded'),
  'lwsruri.dat': entry('3.1.2.8', 'a blank in the Request-URI', '400'),
  'lwsstart.dat': entry('3.1.2.9', 'two blanks in the request line', '400', 'forwarded'),
  'trws.dat': entry('3.1.2.10', 'blanks at the end of the request line', '400', 'forwarded'),
  'escruri.dat': entry('3.1.2.11', 'header components in the Request-URI', '400', 'forwarded'),
  'baddate.dat': entry('3.1.2.12', 'a Date of another zone than GMT', 'forwarded', '400'),
  'regbadct.dat': entry('3.1.2.13', 'a Contact that needs angle brackets', '400', 'forwarded'),
  'badaspec.dat': entry('3.1.2.14', 'blanks inside the brackets of To', '400', 'forwarded'),
  'baddn.dat': entry('3.1.2.15', 'a display name that needs quotes; no end of the head', '400'),
  'baddn-terminated.dat': entry('3.1.2.15', 'a display name that needs quotes', '400'),
  'badvers.dat': entry('3.1.2.16', 'another SIP version', '505'),
  'mismatch01.dat': entry('3.1.2.17', 'a method that is not the CSeq’s', '400'),
  'mismatch02.dat': entry('3.1.2.18', 'an unknown method that is not the CSeq’s', '501', '400'),
  'bigcode.dat': entry('3.1.2.19', 'a response: a status beyond 32 bits', 'dropped'),
  'badbranch.dat': entry('3.2.1', 'a branch that is the magic cookie alone', 'forwarded', '400'),
  'insuf.dat': entry('3.3.1', 'no Call-ID, From or To', '400'),
  'unkscm.dat': entry('3.3.2', 'a Request-URI of an unknown scheme', '416'),
  'novelsc.dat': entry('3.3.3', 'a Request-URI of a known scheme that is not SIP’s', '416'),
  'unksm2.dat': entry('3.3.4', 'To, From and Contact of unknown schemes', 'forwarded'),
  'bext01.dat': entry(
    '3.3.5',
    'Proxy-Require and Require that nobody knows',
    '420 Bad Extension, naming the extensions',
  ),
  'invut.dat': entry('3.3.6', 'an unknown Content-Type', 'forwarded'),
  'regaut01.dat': entry('3.3.7', 'an unknown Authorization scheme', 'forwarded'),
  'multi01.dat': entry('3.3.8', 'two of what may stand once', '400'),
  'mcl01.dat': entry('3.3.9', 'two Content-Lengths', '400'),
  'bcast.dat': { ...entry('3.3.10', 'a response: a Via that is a broadcast address', 'dropped'), strayOnly: true },
  'zeromf.dat': entry('3.3.11', 'OPTIONS with Max-Forwards 0', '200', '483'),
  'cparam01.dat': entry('3.3.12', 'a Contact parameter', 'forwarded'),
  'cparam02.dat': entry('3.3.13', 'a parameter of the Contact’s URI', 'forwarded'),
  'regescrt.dat': entry('3.3.14', 'a Route escaped in the Contact', 'forwarded'),
  'sdp01.dat': entry('3.3.15', 'an Accept that fits nothing', 'forwarded'),
  'inv2543.dat': entry('3.4.1', 'an INVITE of RFC 2543', 'forwarded'),
  'test.dat': entry('', 'of the archive, in no section: no version, no Via', 'dropped', '400'),
}

export const rfc5118: Record<string, Expectation> = {
  'ipv6-good.sip': entry('4.1', 'an IPv6 reference', 'forwarded'),
  'ipv6-bad.sip': entry('4.2', 'an IPv6 address without brackets', '400'),
  'port-ambiguous.sip': entry('4.3', 'a port inside the brackets', 'forwarded'),
  'port-unambiguous.sip': entry('4.4', 'a port behind the brackets', 'forwarded'),
  'via-received-param-with-delim.sip': entry('4.5', 'received with brackets', 'forwarded'),
  'via-received-param-no-delim.sip': entry('4.5', 'received without brackets', 'forwarded'),
  'ipv6-in-sdp.sip': entry('4.6', 'IPv6 in the SDP', 'forwarded'),
  'mult-ip-in-header.sip': entry('4.7', 'both families in the Vias', 'forwarded'),
  'mult-ip-in-sdp.sip': entry('4.8', 'both families in the SDP', 'forwarded'),
  'ipv4-mapped-ipv6.sip': entry('4.9', 'IPv4-mapped addresses', 'forwarded'),
  'ipv6-bug-abnf-3-colons.sip': entry('4.10', 'three colons, as RFC 3261’s grammar had it', 'forwarded'),
  'ipv6-correct-abnf-2-colons.sip': entry('4.10', 'two colons', 'forwarded'),
}

/** Of the well-formed messages: a 100 goes no further (RFC 3261 §16.7 step 4), anything else does. */
export function ofWellFormed(kind: string): Expectation {
  return entry('', /^\d/.test(kind) ? `a response: ${kind}` : kind, kind === '100' ? 'absorbed' : 'forwarded')
}

export interface Departure {
  readonly does: Outcome
  readonly because: string
}

/** Where we do not what the RFC likes best. The tests fail when one of them is missing here, or none any more. */
export const departures: Record<string, Departure> = {
  'rfc4475/regbadct.dat': {
    does: 'forwarded',
    because:
      'RFC 3261 §16.3 step 1: a proxy does not refuse a message for a field it does not need. A registrar reads Contact.',
  },
  'rfc4475/badaspec.dat': {
    does: 'forwarded',
    because: 'RFC 4475 §3.1.2.14: blanks inside the brackets may be ignored; the To is passed on as it came.',
  },
  'rfc4475/mismatch02.dat': {
    does: '400 Bad CSeq',
    because:
      'RFC 4475 §3.1.2.18: 400 is as good. A proxy knows no list of methods (RFC 3261 §16.3), so that 501 is not its answer.',
  },
  'valid-messages/lioneagle-sipparser-022.sip': {
    does: 'dropped',
    because:
      'RFC 3261 §16.11 would send an ACK on by its Request-URI alone. Without a Route of ours it belongs to no dialog of ours: who sends it on ' +
      'is an open relay. With one it is forwarded, which is tested too.',
  },
}
