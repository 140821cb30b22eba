/** One end of the channel between the primary and a worker: questions with answers, and what is told. What goes wrong there is an error here. */
import { RpcError } from '../admin/rpc.ts'
import { SignalboxError, stackOf, type ErrorCode, type Problem } from '../errors.ts'

/** Names, what goes with each question, and what is answered. */
type QuestionsOf<Q> = { [Name in keyof Q]: { with: unknown; answer: unknown } }

/** What `process` and a forked child have in common. */
export interface Channel {
  send?(message: object, callback: (error: Error | null) => void): boolean
  on(event: 'message', listen: (message: unknown) => void): unknown
}

type Wire =
  | { readonly ask: string; readonly id: number; readonly with: unknown }
  | { readonly tell: string; readonly with: unknown }
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly failed: WireError }

/** As much of an error as its receiver acts upon. */
export type WireError =
  | { readonly kind: 'user'; readonly code: ErrorCode; readonly message: string; readonly problems: readonly Problem[] }
  | { readonly kind: 'rpc'; readonly code: number; readonly message: string }
  | { readonly kind: 'bug'; readonly message: string }

interface Waiting {
  resolve(answer: unknown): void
  reject(error: Error): void
}

export type Handlers<Q extends QuestionsOf<Q>, T> = {
  readonly asked: { [Name in keyof Q]?: (given: Q[Name]['with']) => Q[Name]['answer'] | Promise<Q[Name]['answer']> }
  readonly told: { [Name in keyof T]: (given: T[Name]) => void }
}

/** `Asks` and `Tells`: what this end says. `Asked` and `Told`: what it hears. */
export class Link<Asks extends QuestionsOf<Asks>, Tells, Asked extends QuestionsOf<Asked>, Told> {
  readonly #channel: Channel
  readonly #handlers: Handlers<Asked, Told>
  readonly #waiting = new Map<number, Waiting>()
  #asked = 0
  #closed: Error | undefined

  constructor(channel: Channel, handlers: Handlers<Asked, Told>) {
    this.#channel = channel
    this.#handlers = handlers
    channel.on('message', (message) => {
      if (isWire(message)) this.#receive(message)
    })
  }

  /** Rejects with what the other end threw, or with what `close` was given. */
  ask<Name extends keyof Asks & string>(name: Name, given: Asks[Name]['with']): Promise<Asks[Name]['answer']> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed)
    const id = ++this.#asked
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#send({ ask: name, id, with: given })
    })
  }

  /** Lost when nobody is there any more. */
  tell<Name extends keyof Tells & string>(name: Name, given: Tells[Name]): void {
    this.#send({ tell: name, with: given })
  }

  /** Nothing comes any more: who waits is told why. */
  close(why: Error): void {
    this.#closed = why
    for (const { reject } of this.#waiting.values()) reject(why)
    this.#waiting.clear()
  }

  /** A channel that is closed says so by itself, by the end of the process. */
  #send(message: Wire): void {
    if (this.#closed === undefined) this.#channel.send?.(message, () => undefined)
  }

  #receive(message: Wire): void {
    if ('ask' in message) return void this.#answer(message)
    if ('tell' in message) return this.#handlers.told[message.tell as keyof Told]?.(message.with as Told[keyof Told])
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if ('failed' in message) waiting?.reject(errorOf(message.failed))
    else waiting?.resolve(message.answer)
  }

  async #answer({ ask, id, with: given }: Extract<Wire, { ask: string }>): Promise<void> {
    try {
      const answer = await this.#handlers.asked[ask as keyof Asked]!(given)
      // JSON leaves out what is undefined, and an answer without one is none.
      this.#send({ id, answer: answer ?? null })
    } catch (error) {
      this.#send({ id, failed: wireError(error) })
    }
  }
}

/** Routes can send on the channel, too: libraries tell whoever started the process that they are `ready`. That is for nobody here. */
function isWire(message: unknown): message is Wire {
  if (typeof message !== 'object' || message === null) return false
  return 'ask' in message || 'tell' in message || ('id' in message && ('answer' in message || 'failed' in message))
}

function wireError(error: unknown): WireError {
  if (error instanceof SignalboxError) {
    const { code, message, problems } = error
    return { kind: 'user', code, message, problems }
  }
  if (error instanceof RpcError) return { kind: 'rpc', code: error.code, message: error.message }
  return { kind: 'bug', message: stackOf(error) }
}

function errorOf(wire: WireError): Error {
  if (wire.kind === 'user') return new SignalboxError(wire.code, wire.message, wire.problems)
  return wire.kind === 'rpc' ? new RpcError(wire.code, wire.message) : new Error(wire.message)
}
