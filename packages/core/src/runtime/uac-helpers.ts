/**
 * `uac` of the contexts of a call. As in the contexts themselves each helper is a getter that makes its function when it is asked for: a route
 * wants one or two of them.
 */
import type {
  Credentials,
  RegistrationRequests,
  Send,
  UacAuth,
  UacRegRequest,
  UacReplace,
  UacRestore,
  UacSend,
} from '@signalbox/dsl'
import type { Challenged } from './challenged.ts'
import type { Helping } from './context.ts'
import { replaceHelper, restoreHelper } from './uac-identity.ts'
import { registrationRequests } from './uac-reg.ts'

export class RequestUac implements UacReplace, UacSend, UacRegRequest {
  protected readonly helping: Helping

  constructor(helping: Helping) {
    this.helping = helping
  }

  get send(): Send {
    return this.helping.call.send
  }

  get reg(): RegistrationRequests {
    const { call, req } = this.helping
    return registrationRequests(call.options.trunks?.(), req, (account) => call.choose(account))
  }

  get replaceFrom(): UacReplace['replaceFrom'] {
    return replaceHelper(this.helping, 'from')
  }

  get replaceTo(): UacReplace['replaceTo'] {
    return replaceHelper(this.helping, 'to')
  }
}

export class InDialogUac extends RequestUac implements UacRestore {
  get restoreFrom(): UacRestore['restoreFrom'] {
    return restoreHelper(this.helping, 'from')
  }

  get restoreTo(): UacRestore['restoreTo'] {
    return restoreHelper(this.helping, 'to')
  }
}

export class FailureUac extends RequestUac implements UacAuth {
  readonly auth: UacAuth['auth']

  constructor(helping: Helping, challenged: Challenged) {
    super(helping)
    this.auth = authHelper(helping, challenged)
  }
}

export function authHelper({ call, run }: Helping, challenged: Challenged): UacAuth['auth'] {
  const auth = (credentials?: Credentials): boolean => {
    const result = challenged.answer(credentials)
    run.note(`uac.auth() → ${result === true}`, auth)
    if (result === true) return true
    call.log.info(`uac.auth: ${result}`)
    return false
  }
  return auth
}
