/** `onBranch` and `onReply`: what may be done with one branch on its way out, and with what comes back. */
import type { BranchContext, Drop, ReplyContext, UacRegRequest, UacReplace, UacSend } from '@signalbox/dsl'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Leaving } from '../proxy/branch.ts'
import { Context, type ContextCall } from './context.ts'
import { ResponseView } from './message-views.ts'
import type { Run } from './run.ts'
import { RequestUac } from './uac-helpers.ts'

export class BranchCall extends Context implements BranchContext {
  constructor(call: ContextCall, run: Run, { request, nextHop }: Leaving) {
    super(call, run, request)
    this.req.dstUri = nextHop
  }

  /** As the route has left it. */
  get leaving(): Leaving {
    return { request: this.req.message, nextHop: this.req.dstUri }
  }

  override get uac(): UacReplace & UacSend & UacRegRequest {
    return new RequestUac(this.helping)
  }

  get drop(): Drop {
    const drop: Drop = () => void this.run.act('drop', drop)
    return drop
  }
}

export class ReplyCall extends Context implements ReplyContext {
  readonly res: ResponseView

  constructor(call: ContextCall, run: Run, response: Message) {
    super(call, run, call.request.clone())
    this.res = new ResponseView(response, false)
  }

  /** RFC 3262 §3: a reliable provisional is acknowledged by the caller, so he has to get it. */
  get drop(): Drop {
    const drop: Drop = () => {
      const { message } = this.res
      if (message.status < 200 && !message.has(H.RSeq)) this.run.act('drop', drop)
      else
        this.call.log.warn(`a ${message.status} cannot be dropped: only a provisional reply that is not reliable can`)
    }
    return drop
  }
}
