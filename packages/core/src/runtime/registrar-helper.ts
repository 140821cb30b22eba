/** `registrar` of contexts: the core's registrar as actions of a route. */
import type { Registrar as RegistrarType } from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'
import { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { ProxyTransaction } from '../proxy/proxy-transaction.ts'
import type { Registrar, RegistrarAnswer } from '../registrar/registrar.ts'
import type { ContactTarget } from '../registrar/targets.ts'
import type { ContextCall } from './context.ts'
import type { Run } from './run.ts'
import { settled } from './settled.ts'

/** What a lookup found, and for which Request-URI: a target set is that of one address. */
export interface Found {
  readonly requestUri: string
  readonly groups: readonly (readonly ContactTarget[])[]
}

/** One for a context: what its last lookup found is where its relay goes. */
export class RegistrarHelper implements RegistrarType {
  #found: Found | undefined
  readonly #call: ContextCall
  readonly #run: Run
  readonly #request: Message

  constructor(call: ContextCall, run: Run, request: Message) {
    this.#call = call
    this.#run = run
    this.#request = request
  }

  /** Undefined: nothing, or nothing yet. */
  get found(): Found | undefined {
    return this.#found
  }

  get save(): RegistrarType['save'] {
    const save: RegistrarType['save'] = () => {
      const { transaction, options } = this.#call
      const { method } = transaction.request
      if (method !== 'REGISTER') return Promise.reject(notRegister(method))
      if (!this.#run.act('registrar.save', save)) return settled
      // Claimed above, before anything is awaited: a reply that comes meanwhile comes second.
      const { registrar } = options
      const reading = registrar.ready()
      if (reading === undefined) return saveIt(registrar, this.#request, transaction) ?? settled
      // As it stands at this moment: the route may go on without waiting.
      const request = this.#request.clone()
      return reading.then(() => saveIt(registrar, request, transaction))
    }
    return save
  }

  get lookup(): RegistrarType['lookup'] {
    return async () => {
      const { registrar, maxBranches } = this.#call.options
      const reading = registrar.ready()
      if (reading !== undefined) await reading
      const { uri, requestUri } = this.#request
      const groups = uri === undefined ? [] : registrar.lookup(uri, maxBranches)
      this.#found = groups.length === 0 ? undefined : { requestUri, groups }
      return groups.length > 0
    }
  }
}

/** As the route has left the request. Answered at once, unless somebody has to hear of it first. */
function saveIt(registrar: Registrar, request: Message, transaction: ProxyTransaction): Promise<void> | undefined {
  const saved = registrar.save(request, socketOf(transaction))
  const telling = registrar.telling()
  if (telling !== undefined) return telling.then(() => answer(transaction, saved))
  answer(transaction, saved)
  return undefined
}

function notRegister(method: string): SignalboxError {
  return new SignalboxError('NOT_REGISTER', `registrar.save() answers a REGISTER, and this is ${method}`)
}

function answer(transaction: ProxyTransaction, { status, reason, headers }: RegistrarAnswer): void {
  const response = transaction.localResponse(status, reason)
  // RFC 3261 §10.3: a registrar's answer has none.
  if (response.has(H.RecordRoute)) response.remove(H.RecordRoute)
  for (const [id, value] of headers) response.append(Field.make(id, value))
  transaction.respond(response)
}

/** As `listen` writes it. */
function socketOf({ server: { flow } }: ProxyTransaction): string {
  return `${flow.transport}:${flow.local.sentBy(flow.address)}`
}
