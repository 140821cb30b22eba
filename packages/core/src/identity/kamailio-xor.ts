/**
 * The Record-Route parameter as Kamailio's `uac` writes it, so that dialogs of a Kamailio can go on here, and the other way round: original
 * XOR new XOR password, in base64 with `-` for padding. It hides nothing: who holds the one URI computes the other. Hence it is written
 * only when the config asks for it, and what it says is believed only when it reads as a URI.
 */
import { Uri } from '../message/uri.ts'

/** Longer URIs are neither written nor read. */
const MAX_LENGTH = 1024

export function encodeXor(original: string, now: string, key: string): string | undefined {
  if (original.length > MAX_LENGTH || now.length > MAX_LENGTH) return undefined
  const mixed = Buffer.alloc(Math.max(original.length, now.length))
  mix(mixed, original)
  mix(mixed, now)
  mixKey(mixed, key)
  return mixed.toString('base64').replaceAll('=', '-')
}

/** From one of the two URIs to the other, undefined when what comes out is none. */
export function decodeXor(value: string, from: string, key: string): string | undefined {
  if (!isBase64(value)) return undefined
  const mixed = Buffer.from(value.replaceAll('-', '='), 'base64')
  if (mixed.length > MAX_LENGTH || mixed.length < from.length) return undefined
  mixKey(mixed, key)
  mix(mixed, from)
  // The shorter URI ends where the longer one goes on: its bytes there cancel out.
  const zero = mixed.indexOf(0)
  const uri = Uri.parse(mixed.toString('latin1', 0, zero >= 0 && zero < from.length ? zero : mixed.length))
  return uri !== undefined && isCallable(uri) ? uri.bytes : undefined
}

function isBase64(value: string): boolean {
  return value.length % 4 === 0 && /^[A-Za-z0-9+/]+-{0,2}$/.test(value)
}

/** A scheme by itself is no sign of a URI: other schemes take any text. */
function isCallable({ scheme, user, host }: Uri): boolean {
  return scheme === 'tel' ? user !== '' : (scheme === 'sip' || scheme === 'sips') && host !== ''
}

function mix(bytes: Buffer, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[i]! ^= text.charCodeAt(i)
}

function mixKey(bytes: Buffer, key: string): void {
  if (key === '') return
  for (let i = 0; i < bytes.length; i++) bytes[i]! ^= key.charCodeAt(i % key.length)
}
