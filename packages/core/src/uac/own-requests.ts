/** The requests of our own that await their final response: how many there are, how many there may be, and how to end them. */
import { SignalboxError } from '../errors.ts'
import type { Uri } from '../message/uri.ts'
import type { Flow, LocalSocket } from '../transport/flow.ts'
import type { Sending } from '../proxy/sending.ts'
import { OwnRequest, type OwnPlan, type OwnReply } from './own-request.ts'

export class OwnRequests {
  readonly #services: Sending
  readonly #sockets: readonly LocalSocket[]
  readonly #limit: number
  readonly #open = new Set<OwnRequest>()

  /** More than `limit` at a time are answered 503 here. */
  constructor(services: Sending, sockets: readonly LocalSocket[], limit: number) {
    this.#services = services
    this.#sockets = sockets
    this.#limit = limit
  }

  /** How many await their final response. */
  get size(): number {
    return this.#open.size
  }

  get names(): Sending['ids'] {
    return this.#services.ids
  }

  get t1(): number {
    return this.#services.layer.times.t1
  }

  send(plan: OwnPlan): void {
    if (this.#open.size >= this.#limit) return this.refuse(plan, 503, 'Too Many Requests Of Our Own')
    const request: OwnRequest = this.#make(plan, (reply) => {
      this.#open.delete(request)
      plan.ended(reply)
    })
    this.#open.add(request)
    request.start()
  }

  /** Ends it by a response made here before it begins. */
  refuse(plan: OwnPlan, status: number, reason: string): void {
    this.#make(plan, (reply) => plan.ended(reply)).abandon(status, reason)
  }

  #make(plan: OwnPlan, ended: (reply: OwnReply) => void): OwnRequest {
    return new OwnRequest(this.#services, { ...plan, ended }, this.#sockets[0])
  }

  /** What our own headers name towards this next hop: `host:port` of the socket that reaches it. */
  home(uri: Uri, socket: LocalSocket | undefined): string | Promise<string> {
    const flow = this.#services.nextHop(uri, undefined, socket)
    return flow instanceof Promise ? flow.then(sentByOf) : sentByOf(flow)
  }

  /** The socket of ours that is written so: `udp:127.0.0.1:5060`. Throws `NO_SOCKET`, naming those there are. */
  socket(name: string): LocalSocket {
    const found = this.#sockets.find((socket) => nameOf(socket) === String(name).toLowerCase())
    if (found !== undefined) return found
    const list = this.#sockets.map(nameOf).join(', ')
    throw new SignalboxError('NO_SOCKET', `no socket of ours is ${JSON.stringify(name)}: there is ${list}`)
  }

  /** Ends all, so that nobody waits for a proxy that is gone and no callee rings on. Says how many. */
  abandon(): number {
    const left = [...this.#open]
    for (const request of left) request.abandon(503, 'Shutting Down')
    return left.length
  }
}

function sentByOf({ local, address }: Flow): string {
  return local.sentBy(address)
}

function nameOf({ transport, address, port }: LocalSocket): string {
  return `${transport}:${address.includes(':') ? `[${address}]` : address}:${port}`
}
