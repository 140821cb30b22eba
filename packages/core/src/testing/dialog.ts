/** One side of a dialog (RFC 3261 §12): what its later requests are made of. */
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { ClientUser } from '../transaction/layer.ts'
import type { Agent } from './agent.ts'

/** What came back on a request within a dialog. */
export interface Answer {
  readonly status: number
  readonly message: Message | undefined
}

export interface DialogParts {
  callId: string
  /** Our From with its tag, their To with theirs. */
  local: string
  remote: string
  target: string
  routes: readonly string[]
  cseq: number
}

/** One end of a dialog: sends its requests and counts their CSeq. */
export class Dialog {
  readonly callId: string
  readonly #agent: Agent
  readonly #parts: DialogParts

  constructor(agent: Agent, parts: DialogParts) {
    this.#agent = agent
    this.#parts = parts
    this.callId = parts.callId
  }

  /** RFC 3261 §12.1.2: the caller's side. */
  static ofCaller(agent: Agent, invite: Message, response: Message): Dialog {
    return new Dialog(agent, {
      callId: invite.callId,
      local: invite.value(H.From)!,
      remote: response.value(H.To)!,
      target: response.address(H.Contact)?.uriBytes ?? invite.requestUri,
      routes: response.values(H.RecordRoute).reverse(),
      cseq: invite.cseq!.number,
    })
  }

  /** RFC 3261 §12.1.1: the callee's side. `to` is the To of the response, with its tag. */
  static ofCallee(agent: Agent, invite: Message, to: string): Dialog {
    return new Dialog(agent, {
      callId: invite.callId,
      local: to,
      remote: invite.value(H.From)!,
      target: invite.address(H.Contact)?.uriBytes ?? '',
      routes: invite.values(H.RecordRoute),
      cseq: 100,
    })
  }

  /** What it puts into Route. */
  get routes(): readonly string[] {
    return this.#parts.routes
  }

  /** The same dialog told otherwise: what a peer does that changes what it was told. */
  with(parts: Partial<DialogParts>): Dialog {
    return new Dialog(this.#agent, { ...this.#parts, ...parts })
  }

  /** Makes the next request; an ACK takes the CSeq of its INVITE. */
  make(method: string, options: { cseq?: number; headers?: Record<string, string>; body?: string } = {}): Message {
    const { local, remote, target, routes, callId } = this.#parts
    const cseq = options.cseq ?? ++this.#parts.cseq
    return this.#agent.makeRequest({
      method,
      ruri: target,
      from: local,
      to: remote,
      callId,
      cseq,
      route: routes,
      ...(options.headers && { headers: options.headers }),
      ...(options.body !== undefined && { body: options.body }),
    })
  }

  /** Sends it and resolves with the final answer, 408 when none came. */
  request(method: string, options: { headers?: Record<string, string>; body?: string } = {}): Promise<Answer> {
    const request = this.make(method, options)
    return this.#agent.wait(
      new Promise((resolve) => this.#agent.sendRequest(request, this.#answered(request, resolve))),
    )
  }

  /** Acknowledges a 2xx. */
  acknowledge(invite: Message): void {
    this.#agent.sendAck(this.make('ACK', { cseq: invite.cseq!.number }))
  }

  #answered(request: Message, resolve: (answer: Answer) => void): ClientUser {
    return {
      response: (message) => {
        if (message.status < 200) return
        if (message.status < 300 && request.method === 'INVITE') this.acknowledge(request)
        resolve({ status: message.status, message })
      },
      timeout: () => resolve({ status: 408, message: undefined }),
      transportError: () => resolve({ status: 503, message: undefined }),
    }
  }
}
