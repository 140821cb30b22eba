/**
 * What is remembered of dialogs in which challenges were answered: how far the CSeq was raised since the dialog was made, who answers later
 * challenges, and the credentials that the ACK to a 2xx repeats. Bounded, the one used longest ago goes first; lost with the process. What was
 * raised while the dialog was made is not here: it travels in the Route (`record-route.ts`).
 */
import type { Credentials } from '@signalbox/dsl'
import type { Field } from '../message/field.ts'
import type { Message } from '../message/message.ts'

/** The credentials for a realm, as a route reads it. */
export type FindCredentials = (realm: string) => Credentials | undefined

/** From this CSeq of the sender's own counting on, its requests are raised so far. */
interface Raise {
  readonly from: number
  readonly by: number
}

/** Later raises make earlier ones matter only to requests still under way. */
const RAISES_KEPT = 8

/** How many callees of one forked call may answer and be acknowledged with credentials. */
const CALLEES_KEPT = 8

export class Dialog {
  /** Answers challenges to later requests. */
  credentials: FindCredentials | undefined
  readonly #raises = new Map<string, Raise[]>()
  /** Of each callee that answered: its tag → what its ACK is to carry. */
  readonly #acknowledgements = new Map<string, { readonly cseq: number; readonly fields: readonly Field[] }>()

  /** How far this request is raised beyond what its Route says. By its CSeq, so that an ACK gets what its INVITE got. */
  raisedBy({ fromTag }: Message, cseq: number): number {
    return this.#raises.get(fromTag)?.findLast(({ from }) => from <= cseq)?.by ?? 0
  }

  /** This request, and what its sender sends after it, is raised so far. */
  raise({ fromTag, cseq }: Message, by: number): void {
    const raises = (this.#raises.get(fromTag) ?? []).filter(({ from }) => from < cseq!.number)
    this.#raises.set(fromTag, [...raises, { from: cseq!.number, by }].slice(-RAISES_KEPT))
  }

  /** RFC 3261 §13.2.2.4: the ACK to this 2xx carries the credentials of its INVITE. */
  acknowledgeWith(invite: Message, answer: Message, fields: readonly Field[]): void {
    this.#acknowledgements.set(answer.toTag, { cseq: invite.cseq!.number, fields })
    if (this.#acknowledgements.size > CALLEES_KEPT)
      this.#acknowledgements.delete([...this.#acknowledgements.keys()][0]!)
  }

  credentialsOf({ toTag, cseq }: Message): readonly Field[] {
    const kept = this.#acknowledgements.get(toTag)
    return kept?.cseq === cseq!.number ? kept.fields : []
  }
}

export class Dialogs {
  /** In the order of use: a dialog is put behind the others when it is asked for. */
  readonly #dialogs = new Map<string, Dialog>()
  readonly #limit: number
  readonly #evicted: () => void

  /** `evicted` hears that one was given up for another. */
  constructor(limit: number, evicted: () => void) {
    this.#limit = limit
    this.#evicted = evicted
  }

  get size(): number {
    return this.#dialogs.size
  }

  /** Whichever side sends it: a dialog stands under the tag of who was answered for first. */
  find(request: Message): Dialog | undefined {
    if (this.#dialogs.size === 0 || request.toTag === '') return undefined
    return this.#use(keyOf(request, request.fromTag)) ?? this.#use(keyOf(request, request.toTag))
  }

  /** The dialog of this request, or of those that it may make; new when there is none. */
  open(request: Message): Dialog {
    const key = keyOf(request, request.fromTag)
    const known = this.#use(key) ?? this.find(request)
    if (known !== undefined) return known
    const dialog = new Dialog()
    this.#dialogs.set(key, dialog)
    if (this.#dialogs.size > this.#limit) this.#evictOldest()
    return dialog
  }

  forget(request: Message): void {
    if (this.#dialogs.size === 0) return
    this.#dialogs.delete(keyOf(request, request.fromTag))
    this.#dialogs.delete(keyOf(request, request.toTag))
  }

  #use(key: string): Dialog | undefined {
    const dialog = this.#dialogs.get(key)
    if (dialog === undefined) return undefined
    this.#dialogs.delete(key)
    this.#dialogs.set(key, dialog)
    return dialog
  }

  #evictOldest(): void {
    const [oldest] = this.#dialogs.keys()
    this.#dialogs.delete(oldest!)
    this.#evicted()
  }
}

function keyOf({ callId }: Message, tag: string): string {
  return callId + '\n' + tag
}
