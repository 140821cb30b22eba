/** What is left of a branch that has succeeded: it forwards the 2xx that still come (RFC 3261 §16.7 step 5), and no longer. */
import { apart } from '../message/chars.ts'
import type { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Restoration } from '../identity/restoration.ts'
import type { ClientUser, ServerTransaction } from '../transaction/layer.ts'
import type { Chosen, Dialogs } from './dialogs.ts'

/** What the dialog of the first 2xx remembers, in the very copies that it keeps. */
export interface Remembered {
  readonly dialogs: Dialogs
  /** The To tag of that 2xx. */
  readonly toTag: string
  /** Of a spiral. */
  readonly pass: number
  readonly chosen: Chosen | undefined
  /** The credentials of the INVITE. */
  readonly fields: readonly Field[]
}

/** A fork beyond us may be answered under as many tags as it likes. */
const MAX_TAGS = 32

export class Repeats implements ClientUser {
  readonly #server: ServerTransaction
  readonly #callersCSeq: string | undefined
  readonly #restoration: Restoration | undefined
  #remembered: Remembered | undefined
  /** Those whose dialogs have been told. */
  #tags: readonly string[] = []

  constructor(server: ServerTransaction, callersCSeq: string | undefined, restoration: Restoration | undefined) {
    this.#server = server
    this.#callersCSeq = callersCSeq
    this.#restoration = restoration
  }

  /** A 2xx with another To tag makes another dialog (RFC 3261 §13.2.2.4), which is to remember the same. */
  alike(remembered: Remembered): void {
    this.#remembered = remembered
    this.#tags = [apart(remembered.toTag)]
  }

  response(response: Message): void {
    response.removeFirstValue(H.Via)
    if (response.topVia === undefined) return
    if (this.#callersCSeq !== undefined) response.put(H.CSeq, this.#callersCSeq)
    this.#restoration?.apply(response)
    this.#tell(response)
    this.#server.respond(response)
  }

  timeout(): void {}
  transportError(): void {}

  /** Once for each tag: a 2xx that is repeated brings back no dialog that is over. */
  #tell(response: Message): void {
    const { toTag } = response
    const tags = this.#tags
    if (this.#remembered === undefined || toTag === '' || tags.includes(toTag) || tags.length === MAX_TAGS) return
    this.#tags = [...tags, apart(toTag)]
    const { dialogs, pass, chosen, fields } = this.#remembered
    const dialog = dialogs.open(response)
    if (chosen !== undefined && dialog.chosen(response) !== chosen) dialog.choose(response, chosen)
    if (fields.length > 0) dialog.acknowledgeWith(response, fields, pass)
  }
}
