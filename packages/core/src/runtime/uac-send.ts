/** `uac.send` as routes have it: what they ask for is checked, sent by `uac/`, and their promise kept, in the generation that asked. */
import type { Response, Send, SendOptions, UacSend, Vars } from '@signalbox/dsl'
import { parseDuration } from '../config/duration.ts'
import type { Message } from '../message/message.ts'
import { composeRequest } from '../uac/compose.ts'
import { refuseNoCredentials } from '../uac/credentials.ts'
import type { OwnPlan } from '../uac/own-request.ts'
import type { Generation } from './generation.ts'
import { ResponseView } from './message-views.ts'
import type { RuntimeOptions } from './options.ts'
import { runLocal, runReplyEvent } from './own-contexts.ts'

/** Who sends. */
export interface SendScope {
  readonly generation: Generation
  readonly options: RuntimeOptions
  readonly vars: Vars
  /** Whether the generation waits for the answer. A timer that sends for ever would keep it for ever. */
  readonly holds: boolean
  /** What `onLocal` sends does not pass through it again: there would be no end. */
  readonly isLocal?: boolean
}

export function sender(scope: SendScope): Send {
  // Not async: what the route did wrong is found while its line is on the stack.
  return (options) => {
    try {
      return send(scope, options, checked(scope, options))
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }
}

type Checked = Pick<OwnPlan, 'request' | 'socket' | 'auth' | 'timeout'>

function checked({ options: { requests, timerC } }: SendScope, options: SendOptions): Checked {
  const own = requests()
  if (options.auth !== undefined) refuseNoCredentials(options.auth)
  const { timeout = options.method === 'INVITE' ? timerC : 64 * own.t1 } = options
  return {
    request: composeRequest(options, own.names),
    socket: options.socket === undefined ? undefined : own.socket(options.socket),
    auth: options.auth,
    timeout: parseDuration(timeout),
  }
}

function send(scope: SendScope, { param }: SendOptions, checked: Checked): Promise<Response> {
  const { generation, options, holds } = scope
  const { request } = checked
  options.counters.sending(1)
  if (holds) generation.begin()
  const over = (): void => {
    options.counters.sending(-1)
    if (holds) generation.end()
  }
  let resolve: (response: Response) => void = () => undefined
  const answered = new Promise<Response>((done) => (resolve = done))
  const uac = { send: sender(scope) }
  const own = { ...scope, uac, param, done: answered.then(() => undefined) }
  const local = scope.isLocal ? undefined : generation.local
  const event = generation.event('uac:reply')
  const plan: OwnPlan = {
    ...checked,
    counts: options.nonceCounts,
    ...(local && { leaving: (as: Message, leave) => runLocal(local, { ...own, uac: uacOfLocal(scope) }, as, leave) }),
    ...(event && { heard: (reply) => runReplyEvent(event, own, reply) }),
    unanswered: (reason) => options.log(request.callId).info(`uac.send: ${reason}`),
    ended: ({ response, isLocal }) => {
      resolve(new ResponseView(response, isLocal))
      // What awaits the response goes on first: it is a part of what the generation waits for.
      void answered.then(over)
    },
  }
  if (generation.state === 'disposed') refuse(scope, plan)
  else options.requests().send(plan)
  return answered
}

function uacOfLocal(scope: SendScope): UacSend {
  return { send: sender({ ...scope, isLocal: true }) }
}

/** From a timer that nobody stopped: the routes that replaced these have theirs. */
function refuse({ options, generation }: SendScope, plan: OwnPlan): void {
  const { method, requestUri, callId } = plan.request
  const what = `the ${method} to ${requestUri} was not sent: generation ${generation.number} is disposed`
  options.log(callId).warn(`${what}; stop its timers in onDispose`)
  options.requests().refuse(plan, 503, 'Generation Disposed')
}
