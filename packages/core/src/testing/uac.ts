/** A phone that calls. `dial` gives the call at once, `invite` when it is answered. */
import type { Message } from '../message/message.ts'
import { makeResponse } from '../message/reply.ts'
import type { Clock } from '../timers/clock.ts'
import { makeCancel } from '../transaction/ack-and-cancel.ts'
import type { ServerTransaction } from '../transaction/layer.ts'
import type { LocalSocket } from '../transport/flow.ts'
import { Agent } from './agent.ts'
import { Dialog, type Answer } from './dialog.ts'

/** What a call says about itself. */
export interface InviteOptions {
  /** The caller: a URI, or a display name and a URI in brackets. Default `sip:alice@` and the phone's address. */
  from?: string
  /** Whom To names, written like `from`. Default the Request-URI. */
  to?: string
  /** A Contact among them replaces the phone's own. */
  headers?: Record<string, string>
  body?: string
  /** INVITE unless another method is to be sent: then there is no dialog. */
  method?: string
}

const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n'

/** A phone that calls. */
export class Uac extends Agent {
  readonly #proxy: string
  #calls = 0

  /** `proxy` is where requests go: `sip:127.0.0.1:5080`. */
  constructor(open: (agent: Agent) => LocalSocket, clock: Clock, proxy: string) {
    super(open, clock)
    this.#proxy = proxy
  }

  /** Calls and waits for the final answer. A 2xx is acknowledged. */
  invite(uri: string, options: InviteOptions = {}): Promise<Call> {
    return this.wait(this.dial(uri, options).answered)
  }

  /** Sends any other request outside a dialog and waits for its answer. */
  send(method: string, uri: string, options: InviteOptions = {}): Promise<Call> {
    return this.wait(this.dial(uri, { ...options, method }).answered)
  }

  /** Calls and does not wait. */
  dial(uri: string, options: InviteOptions = {}): Call {
    const method = options.method ?? 'INVITE'
    const request = this.makeRequest({
      method,
      ruri: uri,
      from: `${nameAddr(options.from ?? `sip:alice@${this.address}`)};tag=${this.ids.tag()}`,
      to: nameAddr(options.to ?? uri),
      callId: `${this.address.replace(/\W/g, '-')}-call-${++this.#calls}`,
      cseq: 1,
      headers: { ...(method === 'INVITE' && { 'Content-Type': 'application/sdp' }), ...options.headers },
      body: options.body ?? (method === 'INVITE' ? offer : ''),
    })
    const call = new Call(this, request)
    this.sendRequest(request, call, this.#proxy)
    return call
  }

  cancelCall(call: Call): void {
    const cancel = makeCancel(call.request)
    this.sendRequest(
      cancel,
      { response: () => undefined, timeout: () => undefined, transportError: () => undefined },
      this.#proxy,
    )
  }

  protected called(transaction: ServerTransaction): void {
    transaction.respond(makeResponse(transaction.request, 200, '', this.ids.tag()))
  }

  protected canceled(transaction: ServerTransaction): void {
    transaction.respond(makeResponse(transaction.request, 200, '', this.ids.tag()))
  }

  protected acknowledged(): void {
    // Our 2xx has arrived.
  }
}

function nameAddr(text: string): string {
  return text.includes('<') ? text : `<${text}>`
}

/** One call, or one other request, as the phone saw it. */
export class Call {
  readonly request: Message
  /** Every response in order, 100 included, retransmissions too. */
  readonly responses: Message[] = []
  /** Resolves with this call when it has its final answer. */
  readonly answered: Promise<Call>
  dialog: Dialog | undefined
  /** Set when nothing came back at all. */
  timedOut = false
  readonly #agent: Uac
  #resolve: (call: Call) => void = () => undefined

  constructor(agent: Uac, request: Message) {
    this.#agent = agent
    this.request = request
    this.answered = new Promise((resolve) => (this.#resolve = resolve))
  }

  get callId(): string {
    return this.request.callId
  }

  /** The first final status; 0 before it, 408 when nothing came. */
  get status(): number {
    return this.final?.status ?? (this.timedOut ? 408 : 0)
  }

  get final(): Message | undefined {
    return this.responses.find(({ status }) => status >= 200)
  }

  /** The statuses of all responses. */
  get statuses(): number[] {
    return this.responses.map(({ status }) => status)
  }

  /** Hangs up before the answer (RFC 3261 §9.1). */
  cancel(): void {
    this.#agent.cancelCall(this)
  }

  /** Hangs up after it. */
  bye(): Promise<Answer> {
    return this.send('BYE')
  }

  /** Sends a request within the dialog. */
  send(method: string, options: { headers?: Record<string, string>; body?: string } = {}): Promise<Answer> {
    if (this.dialog === undefined) throw new Error(`no dialog: the call was answered ${this.status}`)
    return this.dialog.request(method, options)
  }

  response(response: Message): void {
    this.responses.push(response)
    const { status } = response
    if (status < 200) return
    if (status < 300 && this.request.method === 'INVITE') {
      this.dialog ??= Dialog.ofCaller(this.#agent, this.request, response)
      this.dialog.acknowledge(this.request)
    }
    this.#resolve(this)
  }

  timeout(): void {
    this.timedOut = true
    this.#resolve(this)
  }

  transportError(): void {
    this.timeout()
  }
}
