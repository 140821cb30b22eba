/** What the live generation does with the core's own REGISTERs, and hears of trunks: `onLocal`, `onEvent('uac:registration')`. */
import type { Log, Sql, TrunkState, UacReg, UacRegistrationEvent, UacSend, Vars } from '@signalbox/dsl'
import type { Registration } from '../trunks/registration.ts'
import type { RegisterHooks } from '../trunks/services.ts'
import { Aside } from './aside.ts'
import type { Generation } from './generation.ts'
import type { RuntimeOptions } from './options.ts'
import { runLocal } from './own-contexts.ts'
import { Run } from './run.ts'
import { registrations } from './uac-reg.ts'
import { sender } from './uac-send.ts'

/** A REGISTER does not hold a generation: it is the core's. The repeat of one that was challenged after a reload leaves through the new one. */
export function registerHooks(live: () => Generation, options: RuntimeOptions): RegisterHooks {
  let ended = (): void => undefined
  const done = new Promise<void>((resolve) => (ended = resolve))
  const vars: Vars = {}
  const leaving: RegisterHooks['leaving'] = (request, leave) => {
    const generation = live()
    if (generation.local === undefined) return leave(request)
    const uac = { send: sender({ generation, options, vars: {}, holds: true, isLocal: true }) }
    runLocal(generation.local, { generation, options, vars, uac, param: undefined, done }, request, leave)
  }
  return { leaving, ended }
}

export interface Transition {
  readonly trunk: Registration
  readonly from: TrunkState
  readonly to: TrunkState
  /** The agenda's clock. */
  readonly now: number
}

export function tellRegistration(generation: Generation, options: RuntimeOptions, transition: Transition): void {
  const event = generation.event('uac:registration')
  if (event === undefined) return
  const aside = new Aside(generation, options, '')
  const run = new Run(aside, event, () => undefined)
  const context = new RegistrationEvent(generation, options, transition)
  run.start(() => event.handler(context))
}

class RegistrationEvent implements UacRegistrationEvent {
  readonly uuid: string
  readonly from: TrunkState
  readonly to: TrunkState
  readonly reason: string
  readonly expires: number
  readonly vars: Vars = {}
  readonly #generation: Generation
  readonly #options: RuntimeOptions

  constructor(generation: Generation, options: RuntimeOptions, { trunk, from, to, now }: Transition) {
    this.#generation = generation
    this.#options = options
    this.uuid = trunk.row.l_uuid
    this.from = from
    this.to = to
    this.reason = trunk.reason
    this.expires = trunk.boundUntil === undefined ? 0 : Math.max(0, Math.round((trunk.boundUntil - now) / 1_000))
  }

  get log(): Log {
    return this.#options.log()
  }

  get uac(): UacSend & UacReg {
    const [generation, options] = [this.#generation, this.#options]
    return {
      send: sender({ generation, options, vars: this.vars, holds: true }),
      reg: registrations(options.trunks?.(), () => undefined),
    }
  }

  get sql(): Sql {
    return this.#options.sql
  }
}
