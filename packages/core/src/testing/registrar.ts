/** A registrar for tests (RFC 3261 §10.3): takes REGISTERs, keeps bindings by the clock, and does what registrars do to those who register. */
import { H } from '../message/header-names.ts'
import { Address } from '../message/address.ts'
import type { Behaviour, Incoming } from './uas.ts'

/** What a `registrar` grants. */
export interface RegistrarOptions {
  /** Seconds granted. Default: what was asked. */
  grant?: number | string
  /** Where it says so: in each Contact, in the Expires header, or nowhere. Default `contact`. */
  says?: 'contact' | 'header' | 'nothing'
  /** Seconds below which it answers 423. */
  minExpires?: number | string
  /** The Contact as it is listed; the bindings of others may be listed beside it. Default: as it came. */
  list?: (contact: string) => readonly string[]
}

/** One contact that is bound at a `registrar`. */
export interface Binding {
  /** What is bound, without brackets. */
  readonly uri: string
  /** On the clock of the simulation, in milliseconds. */
  readonly until: number
}

/** A behaviour for `net.uas`; what is bound can be looked at. */
export type Registrar = Behaviour & {
  /** By address of record, as To has it. Those that have expired are among them. */
  readonly bindings: ReadonlyMap<string, Binding>
  /** How often a binding had expired when its refresh came. */
  lapses: number
}

/** A registrar: keeps what is bound, and answers 423 to what asks for less than `minExpires`. */
export function registrar(options: RegistrarOptions = {}): Registrar {
  const bindings = new Map<string, Binding>()
  const behaviour = (incoming: Incoming): void => {
    const { request, agent } = incoming
    const contact = request.address(H.Contact)
    const asked = Number(contact?.param('expires') ?? request.value(H.Expires) ?? 3_600)
    const { minExpires, grant = asked } = options
    if (minExpires !== undefined && asked > 0 && !(asked >= Number(minExpires))) {
      return incoming.answer(423, { 'Min-Expires': String(minExpires) })
    }
    const now = agent.timers.clock.now()
    const aor = Address.parse(request.value(H.To)!)!.uriBytes
    if (asked === 0) {
      bindings.delete(aor)
      return incoming.accept(200, {})
    }
    const before = bindings.get(aor)
    if (before !== undefined && before.until < now) behaviour.lapses++
    bindings.set(aor, { uri: contact!.uriBytes, until: now + Number(grant) * 1_000 })
    incoming.accept(200, headersOf(`<${contact!.uriBytes}>`, String(grant), options))
  }
  behaviour.bindings = bindings
  behaviour.lapses = 0
  return behaviour
}

function headersOf(contact: string, grant: string, { says = 'contact', list }: RegistrarOptions) {
  const listed = list?.(contact) ?? [contact]
  const own = listed.map((each) =>
    says === 'contact' && !each.includes('>;') && each !== '*' ? `${each};expires=${grant}` : each,
  )
  return { Contact: own, ...(says === 'header' && { Expires: grant }) }
}
