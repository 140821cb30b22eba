/**
 * What is remembered of dialogs in which challenges were answered: how far the CSeq was raised since the dialog was made, who answers later
 * challenges, and the credentials that the ACK to a 2xx repeats. Bounded, one of those used longest ago goes first; lost with the process. What was
 * raised while the dialog was made is not here: it travels in the Route (`record-route.ts`). What is kept is in memory of its own, since it would
 * keep whole datagrams for as long as the dialog lasts.
 */
import type { Credentials } from '@signalbox/dsl'
import { apart } from '../message/chars.ts'
import type { Field } from '../message/field.ts'
import type { Message } from '../message/message.ts'
import { Uri } from '../message/uri.ts'
import { folded, hashOf, makeSecrets, spread } from '../transaction/hash.ts'
import { Table, type Entry } from '../transaction/table.ts'

/** The credentials for a realm, as a route reads it, at the next hop that was sent to. */
export type FindCredentials = (realm: string, hop: Uri | undefined) => Credentials | undefined

/** What was chosen to answer challenges with: the credentials that answered a realm, and where others are looked for. */
export interface Chosen {
  readonly byRealm: ReadonlyMap<string, Credentials>
  readonly otherwise: FindCredentials | undefined
}

/** Whoever names more realms in one dialog means no good: the last ones are remembered. */
const REALMS_KEPT = 8

/** What was chosen last comes first, and what was chosen before is not lost. */
export function chosenAfter(before: Chosen | undefined, now: Chosen): Chosen {
  if (before === undefined && now.byRealm.size <= REALMS_KEPT) return now
  const byRealm = new Map([...(before?.byRealm ?? []), ...now.byRealm].slice(-REALMS_KEPT))
  return { byRealm, otherwise: now.otherwise ?? before?.otherwise }
}

/** In a dialog requests go where its route set says; what counts is whom it was begun with. */
export function chosenFor({ byRealm, otherwise }: Chosen, hop: Uri | undefined): Chosen {
  // As text, and read where it is asked for: most dialogs see no further challenge.
  const begunWith = hop && apart(hop.bytes)
  const realms = new Map<string, Credentials>()
  for (const [realm, credentials] of byRealm) realms.set(apart(realm), credentials)
  return {
    byRealm: realms,
    otherwise: otherwise && ((realm) => otherwise(realm, begunWith === undefined ? undefined : Uri.parse(begunWith))),
  }
}

/** From this CSeq of the sender's own counting on, its requests are raised so far. */
interface Raise {
  readonly from: number
  readonly by: number
  /** In which pass of a spiral, which comes by here more than once. */
  readonly pass: number
}

/** The credentials that the ACK to a 2xx repeats. */
interface Acknowledgement {
  readonly cseq: number
  readonly pass: number
  readonly fields: readonly Field[]
}

/** A spiral of more passes loses what was found out in the first of them. */
const PASSES_KEPT = 4

/** Later raises make earlier ones matter only to requests still under way. */
const RAISES_KEPT = 8

/** What one of the two sends, as we send it on. */
class Side {
  readonly tag: string
  chosen: Chosen | undefined = undefined
  raises: readonly Raise[] = []
  /** The highest CSeq that the other side has seen. */
  highest = 0

  constructor(tag: string) {
    this.tag = tag
  }
}

export class Dialog implements Entry {
  readonly hash: number
  readonly #callId: string
  /** Which of the two is whose nobody asks. */
  readonly #tag: string
  readonly #otherTag: string
  /** When it was put behind the others, counted in uses of any; and those beside it. */
  placedAt = 0
  before: Dialog | undefined = undefined
  after: Dialog | undefined = undefined
  /** By who sends: credentials chosen for what one side sends are not for whom the other sends to. */
  readonly #sides: Side[] = []
  #acknowledgements: readonly Acknowledgement[] = []

  constructor(hash: number, callId: string, tag: string, otherTag: string) {
    this.hash = hash
    this.#callId = apart(callId)
    this.#tag = apart(tag)
    this.#otherTag = apart(otherTag)
  }

  /** RFC 3261 §12: Call-ID and both tags, the same from either side. */
  fits({ callId, fromTag }: Message, toTag: string): boolean {
    if (callId !== this.#callId) return false
    return fromTag === this.#tag ? toTag === this.#otherTag : fromTag === this.#otherTag && toTag === this.#tag
  }

  /** What answers challenges to requests of this one's sender. */
  credentials(request: Message): FindCredentials | undefined {
    const chosen = this.chosen(request)
    return chosen && ((realm, hop) => chosen.byRealm.get(realm) ?? chosen.otherwise?.(realm, hop))
  }

  /** What is chosen from now on. */
  choose(request: Message, chosen: Chosen): Chosen {
    const side = this.#side(request)
    return (side.chosen = chosenAfter(side.chosen, chosen))
  }

  /** What was chosen last for this request's sender. */
  chosen(request: Message): Chosen | undefined {
    return this.#known(request)?.chosen
  }

  /** How far this request is raised beyond what its Route says. By its CSeq, so that an ACK gets what its INVITE got. */
  raisedBy(request: Message, cseq: number, pass: number): number {
    return this.#known(request)?.raises.findLast((each) => each.pass === pass && each.from <= cseq)?.by ?? 0
  }

  /** This request leaves, raised by `shift` in all. */
  sent(request: Message, shift: number): void {
    const side = this.#side(request)
    side.highest = Math.max(side.highest, request.cseq!.number + shift)
  }

  /** The shift, at least `wanted`, that makes a CSeq of this request which the other side has not seen (RFC 3261 §12.2.1.1). */
  unseen(request: Message, wanted: number): number {
    return Math.max(wanted, this.#side(request).highest + 1 - request.cseq!.number)
  }

  /** This request, and what its sender sends after it, is raised so far beyond what its Route says. */
  raise(request: Message, by: number, pass: number): void {
    const side = this.#side(request)
    const from = request.cseq!.number
    const before = side.raises.filter((each) => each.pass !== pass || each.from < from)
    side.raises = [...before, { from, by, pass }].slice(-RAISES_KEPT)
  }

  /** RFC 3261 §13.2.2.4: the ACK to this 2xx carries the credentials of its INVITE. Gives what is kept. */
  acknowledgeWith({ cseq }: Message, given: readonly Field[], pass: number): readonly Field[] {
    const fields = given.map((field) => field.apart())
    const others = this.#acknowledgements.filter((each) => each.pass !== pass)
    this.#acknowledgements = [...others, { cseq: cseq!.number, pass, fields }].slice(-PASSES_KEPT)
    return fields
  }

  /** They are for who asked in that pass. `isLast`: the ACK does not come by again, though its INVITE did. */
  credentialsOfAck({ cseq }: Message, pass: number, isLast: boolean): readonly Field[] {
    const { number } = cseq!
    return this.#acknowledgements
      .filter((each) => each.cseq === number && (each.pass === pass || (isLast && each.pass > pass)))
      .flatMap(({ fields }) => fields)
  }

  /** It is over. V8 may keep the tables that it stood in, and all in them, until its next full collection: that is to be little. */
  end(): void {
    this.#sides.length = 0
    this.#acknowledgements = []
  }

  #known({ fromTag }: Message): Side | undefined {
    for (const side of this.#sides) if (side.tag === fromTag) return side
    return undefined
  }

  #side(request: Message): Side {
    let side = this.#known(request)
    if (side === undefined) {
      this.#sides.push((side = new Side(request.fromTag === this.#tag ? this.#tag : this.#otherTag)))
    }
    return side
  }
}

/** Uses, as a share of the dialogs there may be, within which their order does not count. */
const LATELY = 1 / 8

export class Dialogs {
  readonly #dialogs = new Table<Dialog>()
  /** In the order of use: a dialog is put behind the others when it is asked for, and was not put there lately. */
  #first: Dialog | undefined
  #last: Dialog | undefined
  #uses = 0
  /** What was asked for last, and what was found: one request asks several times in a row. */
  #asked: Message | undefined
  #found: Dialog | undefined
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

  /** The dialog that this request is within, whichever side sends it. */
  find(request: Message): Dialog | undefined {
    if (this.#dialogs.size === 0 || request.toTag === '') return undefined
    if (request !== this.#asked) {
      this.#found = this.#use(this.#dialogs.get(hashOfDialog(request, request.toTag), request, request.toTag))
      this.#asked = request
    }
    return this.#found
  }

  /** The dialog of this request and the tag in the To of its answer, new when there is none. */
  open(request: Message, toTag = request.toTag): Dialog {
    this.#asked = undefined
    const hash = hashOfDialog(request, toTag)
    const known = this.#use(this.#dialogs.get(hash, request, toTag))
    if (known !== undefined) return known
    const dialog = new Dialog(hash, request.callId, request.fromTag, toTag)
    dialog.placedAt = this.#uses++
    this.#dialogs.add(dialog)
    this.#append(dialog)
    if (this.#dialogs.size > this.#limit) {
      this.#end(this.#first!)
      this.#evicted()
    }
    return dialog
  }

  forget(request: Message, toTag = request.toTag): void {
    this.#asked = undefined
    this.#found = undefined
    if (this.#dialogs.size === 0) return
    const dialog = this.#dialogs.get(hashOfDialog(request, toTag), request, toTag)
    if (dialog !== undefined) this.#end(dialog)
  }

  #use(dialog: Dialog | undefined): Dialog | undefined {
    if (dialog === undefined || this.#uses++ - dialog.placedAt < this.#limit * LATELY) return dialog
    dialog.placedAt = this.#uses
    this.#takeOut(dialog)
    this.#append(dialog)
    return dialog
  }

  #end(dialog: Dialog): void {
    this.#dialogs.delete(dialog)
    this.#takeOut(dialog)
    dialog.end()
  }

  #append(dialog: Dialog): void {
    dialog.before = this.#last
    if (this.#last === undefined) this.#first = dialog
    else this.#last.after = dialog
    this.#last = dialog
  }

  #takeOut(dialog: Dialog): void {
    const { before, after } = dialog
    if (before === undefined) this.#first = after
    else before.after = after
    if (after === undefined) this.#last = before
    else after.before = before
    dialog.before = dialog.after = undefined
  }
}

const secrets = { callId: makeSecrets(), tag: makeSecrets() }

/** The same from either side; the tags are spread one by one, so that letters which change from one to the other tell. */
function hashOfDialog({ callId, fromTag }: Message, toTag: string): number {
  const ofTags = spread(hashOf(fromTag, secrets.tag)) + spread(hashOf(toTag, secrets.tag))
  return folded(hashOf(callId, secrets.callId, ofTags | 0))
}
