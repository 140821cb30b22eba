/**
 * Why a branch is cancelled, for who rings there (RFC 3326 §2): a phone that does not know it takes a call that was answered elsewhere for one
 * that it missed.
 */
import { unfold } from '../message/chars.ts'
import { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'

export const noReason: readonly Field[] = []

const NAME = 'Reason'

/** In bytes, of all of a CANCEL together. */
const MAX_LENGTH = 1024

/** The Reasons of a CANCEL, as they came; without those that are none, and those that are too much. */
export function reasonsOf(cancel: Message): readonly Field[] {
  let left = MAX_LENGTH
  return cancel.named(NAME).filter(({ start, end, value }) => {
    const length = end - start
    if (length > left || !reasons.test(unfold(value))) return false
    left -= length
    return true
  })
}

/** The Reason for those who are cancelled because another branch was answered so: its 2xx, or its 6xx. */
export function reasonFor(status: number): readonly Field[] {
  const elsewhere = status < 300
  const value = elsewhere ? 'SIP;cause=200;text="Call completed elsewhere"' : `SIP;cause=${status}`
  return [Field.named(H.Unknown, NAME, value)]
}

const token = "[\\w\\-.!%*+`'~]+"
const quoted = String.raw`"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[\t\x20-\x7e])*"`
const reason = `${token}(?:\\s*;\\s*${token}(?:\\s*=\\s*(?:${token}|${quoted}))?)*`
/** RFC 3326 §2: `reason-value *(COMMA reason-value)`. */
const reasons = new RegExp(`^${reason}(?:\\s*,\\s*${reason})*$`)
