/** From and To of a request of our own (RFC 3261 §8.1.1.2, §8.1.1.3): from a URI, a name-addr or its parts, checked and written anew. */
import type { Address as AddressType, Party, UriLike } from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'
import { Address } from '../message/address.ts'
import { endOfQuote, isToken, quote, toBytes } from '../message/chars.ts'
import { Uri } from '../message/uri.ts'

/** The value as bytes. `makeTag` gives a From its tag where it has none. Throws `BAD_URI`, `BAD_HEADER` or `BAD_REQUEST`. */
export function partyBytes(party: Party, option: 'from' | 'to', makeTag?: () => string): string {
  const { display, uri, tag, params } = partsOf(party, option)
  if (uri.headers !== '') throw new SignalboxError('BAD_URI', `headers in a From or To: ${uri.toString()}`)
  const name = display === '' ? '' : quote(displayBytes(display, option)) + ' '
  const own = tag === '' ? makeTag?.() : tag
  return name + '<' + uri.bytes + '>' + params + (own === undefined ? '' : ';tag=' + own)
}

interface Parts {
  readonly display: string
  readonly uri: Uri
  readonly tag: string
  /** Other parameters of the header, with their `;`. */
  readonly params: string
}

function partsOf(party: Party, option: string): Parts {
  if (party instanceof Uri) return { display: '', uri: party, tag: '', params: '' }
  // Whom a message named: its tag is of that message's dialog.
  if (party instanceof Address) return { display: party.display, uri: party.uri, tag: '', params: '' }
  if (typeof party === 'string') return partsOfText(party, option)
  const { display = '', uri, tag = '' } = party as Exclude<typeof party, UriLike | AddressType>
  if (tag !== '' && !isToken(tag)) throw new SignalboxError('BAD_REQUEST', `not a tag: ${JSON.stringify(tag)}`)
  return { display, uri: Uri.from(uri), tag, params: '' }
}

/** `;name`, `;name=value` or `;name="value"`, and nothing else: a comma would begin another address. */
const headerParams = /^(?:[ \t]*;[ \t]*[\w.!%*+`'~-]+(?:[ \t]*=[ \t]*(?:[\w.!%*+`'~:[\]-]+|"(?:[^"\\]|\\.)*"))?)*$/

/** Without brackets all of it is the URI: a parameter there is the URI's. */
function partsOfText(text: string, option: string): Parts {
  if (!text.includes('<')) return { display: '', uri: Uri.from(text), tag: '', params: '' }
  const bytes = toBytes(text)
  // eslint-disable-next-line no-control-regex
  const address = /[\x00-\x1f\x7f]/.test(bytes) ? undefined : Address.parse(bytes)
  const params = address === undefined ? '' : behindBrackets(address.bytes)
  if (address === undefined || !headerParams.test(params)) {
    throw new SignalboxError('BAD_REQUEST', `not a name-addr for ${option}: ${JSON.stringify(text)}`)
  }
  if (!address.isValid) throw new SignalboxError('BAD_URI', `not a URI in ${option}: ${JSON.stringify(text)}`)
  if (/;[ \t]*tag\b.*;[ \t]*tag\b/i.test(params))
    throw new SignalboxError('BAD_REQUEST', `more than one tag for ${option}: ${JSON.stringify(text)}`)
  const others = params.replace(/[ \t]*;[ \t]*tag[ \t]*=[ \t]*[^; \t]+/i, '').trim()
  return { display: address.display, uri: address.uri, tag: address.tag, params: others }
}

function behindBrackets(bytes: string): string {
  const name = bytes.startsWith('"') ? endOfQuote(bytes, 0) : 0
  return bytes.slice(bytes.indexOf('>', bytes.indexOf('<', name)) + 1)
}

function displayBytes(display: string, option: string): string {
  const bytes = toBytes(String(display))
  // eslint-disable-next-line no-control-regex
  if (!/[\x00-\x1f\x7f]/.test(bytes)) return bytes
  throw new SignalboxError(
    'BAD_HEADER',
    `a display name of ${option} that would break the message: ${JSON.stringify(display)}`,
  )
}
