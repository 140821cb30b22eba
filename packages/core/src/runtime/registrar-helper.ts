/** `registrar` of contexts: the core's registrar as actions of a route. */
import type { Registrar as RegistrarType } from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'
import { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { ProxyTransaction } from '../proxy/proxy-transaction.ts'
import type { ContactTarget } from '../registrar/targets.ts'
import type { ContextCall } from './context.ts'
import type { Run } from './run.ts'
import { settled } from './settled.ts'

/** What a lookup found, and for which Request-URI: a target set is that of one address. */
export interface Found {
  readonly requestUri: string
  readonly groups: readonly (readonly ContactTarget[])[]
}

/** `found` is told what the last lookup found, and undefined when that was nothing. */
export function registrarHelper(
  { transaction, options }: ContextCall,
  { run, request, found }: { run: Run; request: Message; found: (targets: Found | undefined) => void },
): RegistrarType {
  const { registrar } = options
  /** Answered at once, unless somebody has to hear of it first. */
  const saveIt = (): Promise<void> | undefined => {
    const saved = registrar.save(transaction.request, socketOf(transaction))
    const telling = registrar.telling()
    if (telling !== undefined) return telling.then(() => answer(transaction, saved))
    answer(transaction, saved)
    return undefined
  }
  const save: RegistrarType['save'] = () => {
    const { method } = transaction.request
    if (method !== 'REGISTER') return Promise.reject(notRegister(method))
    if (!run.act('registrar.save', save)) return settled
    // Claimed above, before anything is awaited: a reply that comes meanwhile comes second.
    const reading = registrar.ready()
    return (reading === undefined ? saveIt() : reading.then(saveIt)) ?? settled
  }
  const lookup: RegistrarType['lookup'] = async () => {
    const reading = registrar.ready()
    if (reading !== undefined) await reading
    const { uri, requestUri } = request
    const groups = uri === undefined ? [] : registrar.lookup(uri, options.maxBranches)
    found(groups.length === 0 ? undefined : { requestUri, groups })
    return groups.length > 0
  }
  return { save, lookup }
}

function notRegister(method: string): SignalboxError {
  return new SignalboxError('NOT_REGISTER', `registrar.save() answers a REGISTER, and this is ${method}`)
}

function answer(
  transaction: ProxyTransaction,
  { status, reason, headers }: { status: number; reason: string; headers: readonly (readonly [number, string])[] },
): void {
  const response = transaction.localResponse(status, reason)
  // RFC 3261 §10.3: a registrar's answer has none.
  response.remove(H.RecordRoute)
  for (const [id, value] of headers) response.append(Field.make(id, value))
  transaction.respond(response)
}

/** As `listen` writes it. */
function socketOf({ server: { flow } }: ProxyTransaction): string {
  return `${flow.transport}:${flow.local.sentBy(flow.address)}`
}
