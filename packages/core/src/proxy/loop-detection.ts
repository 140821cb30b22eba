/**
 * RFC 3261 §16.3 step 4 and §16.6 step 8 as RFC 5393 §4.2 has them: each branch of ours ends in a hash over all that routing depends on. A
 * request that comes back with a Via of ours and the same hash would go round for ever; with another hash it is a spiral, which is legal.
 */
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { parseVia } from '../message/via.ts'

/** Of the request as it came in: before our own Routes are taken off. The method and the Vias are not in it. */
export function routingHash(request: Message): string {
  let hash = mix(FNV_OFFSET, request.requestUri)
  hash = mix(hash, request.fromTag)
  hash = mix(hash, request.toTag)
  hash = mix(hash, request.callId)
  hash = Math.imul(hash ^ request.cseq!.number, FNV_PRIME)
  // A route may tell by the source that a request comes back from an application server it was sent to.
  hash = mix(hash, request.source?.address ?? '')
  for (const field of request.fields) {
    const { id } = field
    if (id === H.Route || id === H.ProxyRequire || id === H.ProxyAuthorization) hash = mix(hash, field.value)
  }
  return letters(hash)
}

/** 32 bits as seven letters and digits. */
export function letters(hash: number): string {
  return String.fromCharCode(
    digit(hash),
    digit(hash >>> 5),
    digit(hash >>> 10),
    digit(hash >>> 15),
    digit(hash >>> 20),
    digit(hash >>> 25),
    digit(hash >>> 30),
  )
}

/** `instance` is how every branch of ours begins, `hash` the request's. */
export function isLoop(request: Message, instance: string, hash: string): boolean {
  return ownBranches(request, instance).some((branch) => branch.endsWith('.' + hash))
}

/** How often a request that comes back as a spiral has passed through here before: each pass left a Via. */
export function passesBefore(request: Message, instance: string): number {
  return ownBranches(request, instance).length
}

const none: readonly string[] = []

/** Of a request that was never here no Via is read. */
function ownBranches(request: Message, instance: string): readonly string[] {
  for (const field of request.fields) {
    if (field.id !== H.Via || !field.holds(instance)) continue
    const branches = request.values(H.Via).map((value) => parseVia(value)?.branch ?? '')
    return branches.filter((branch) => branch.startsWith(instance))
  }
  return none
}

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** The character for the five lowest bits, 0 to v. By hand, since V8 writes a large number in its slowest way. */
function digit(bits: number): number {
  const value = bits & 31
  return value < 10 ? 0x30 + value : 0x57 + value
}

/** FNV-1a, 32 bits, with a separator behind each part. */
function mix(hash: number, text: string): number {
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME)
  return Math.imul(hash ^ 0x100, FNV_PRIME)
}
