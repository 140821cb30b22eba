/**
 * The header fields of a message as a route reads and writes them: Unicode, by name, compact forms included, no lumps: what is set
 * is read back at once. What would break the message, and what belongs to the core, is refused before anything changes.
 */
import type { Headers as HeadersType } from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'
import { breaksLine, isToken, splitOutside, toBytes, toUnicode, trim, unfold } from './chars.ts'
import { Field, wanted } from './field.ts'
import { canonicalName, H, isList, isSingle, type HeaderId } from './header-names.ts'
import type { Message } from './message.ts'

/** Headers that belong to the core, and what to use instead. */
const core: Record<HeaderId, string> = {
  [H.Via]: 'the core writes it',
  [H.From]: 'use uac.replaceFrom',
  [H.To]: 'use uac.replaceTo',
  [H.CallId]: 'it identifies the call',
  [H.CSeq]: 'uac.auth raises it where it must',
  [H.MaxForwards]: 'the core counts it down',
  [H.Route]: 'use relay({ to })',
  [H.RecordRoute]: 'use relay({ recordRoute })',
  [H.ContentLength]: 'it follows from the body',
}

export class Headers implements HeadersType {
  readonly #message: Message

  constructor(message: Message) {
    this.#message = message
  }

  get(name: string): string | undefined {
    return this.getAll(name)[0]
  }

  getAll(name: string): string[] {
    const { id } = wanted(name)
    const values: string[] = []
    for (const field of this.#message.named(name)) {
      const value = unfold(field.value)
      if (!isList[id]) values.push(value)
      else for (const part of splitOutside(value, ',')) if (part !== '') values.push(part)
    }
    return values.map(toUnicode)
  }

  has(name: string): boolean {
    return this.#message.named(name).length > 0
  }

  set(name: string, value: string | readonly string[]): void {
    refuseCore(name)
    const values = typeof value === 'object' ? value : [value]
    const fields = values.map((each) => newField(name, each))
    const { id, lower } = wanted(name)
    this.#message.replace((field) => field.isNamed(id, lower), fields)
  }

  add(name: string, value: string): void {
    const field = newField(name, value)
    if (isSingle[field.id] && this.#message.has(field.id)) {
      throw new SignalboxError('BAD_HEADER', `${canonicalName[field.id]!} stands once in a message: use set`)
    }
    this.#message.append(field)
  }

  delete(name: string): boolean {
    refuseCore(name)
    const { id, lower } = wanted(name)
    return this.#message.replace((field) => field.isNamed(id, lower), []) > 0
  }
}

/** A field of a route's making. Throws `BAD_HEADER` or `CORE_HEADER`. */
export function newField(name: string, value: string): Field {
  refuseCore(name)
  return madeField(name, value)
}

/** As `newField`, where the header may be one of the core's. Throws `BAD_HEADER`. */
export function madeField(name: string, value: string): Field {
  refuseNameless(name)
  if (typeof value !== 'string' || breaksLine(value)) {
    throw new SignalboxError('BAD_HEADER', `the value of ${name} would break the message: ${JSON.stringify(value)}`)
  }
  const { id } = wanted(name)
  return Field.named(id, name.length === 1 && id !== H.Unknown ? canonicalName[id]! : name, trim(toBytes(value)))
}

function refuseNameless(name: string): void {
  if (typeof name === 'string' && isToken(toBytes(name))) return
  throw new SignalboxError('BAD_HEADER', `not a header name: ${JSON.stringify(name)}`)
}

function refuseCore(name: string): void {
  refuseNameless(name)
  const { id } = wanted(name)
  const instead = core[id]
  if (instead !== undefined) {
    throw new SignalboxError('CORE_HEADER', `${canonicalName[id]!} belongs to the core: ${instead}`)
  }
}
