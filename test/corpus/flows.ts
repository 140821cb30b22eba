/**
 * Call flows of RFC 3665 and RFC 3327 played through one proxy: what the RFC's caller sends is sent, what he is to receive comes from the
 * callee, in the RFC's bytes. Only Via, Route and Record-Route are of this place.
 */
import type { Outcome } from './examine.ts'
import type { Flow, FlowMessage } from './files.ts'
import { answerTo, isRequest, type Lab, type Parties } from './lab.ts'
import type { Party } from './party.ts'
import { dressed, kindOf, putTogether, takeApart, valueOf, without, withRport, type Text } from './text.ts'
import { harmToRequest, harmToResponse } from './unharmed.ts'

/** Plays it to its end, and a normal call after it: `as drawn`, or what was other than that. */
export async function play(parties: Parties, flow: Flow): Promise<Outcome> {
  const lab = await parties.lab()
  try {
    const play = new Play(lab)
    for (const message of ofTheCaller(flow)) await play.step(message)
    await lab.normalCall()
    return play.harm.join('; ') || 'as drawn'
  } finally {
    await lab.close()
  }
}

interface Step {
  readonly text: Text
  /** The caller sends it; else it comes to the caller. */
  readonly isSent: boolean
}

/** The caller's side of a flow. One that is not drawn is a request through several proxies: the first hop of it, and its answer. */
function ofTheCaller({ messages }: Flow): Step[] {
  const caller = messages[0]!.from
  const step = ({ bytes }: FlowMessage, isSent: boolean): Step => ({ text: takeApart(withRport(bytes)), isSent })
  if (caller !== null) {
    const his = messages.filter(({ from, to }) => from === caller || to === caller)
    return his.map((message) => step(message, message.from === caller))
  }
  const answer = messages.findLast(({ bytes }) => !isRequest(takeApart(bytes)))
  return [step(messages[0]!, true), ...(answer === undefined ? [] : [step(answer, false)])]
}

class Play {
  readonly harm: string[] = []
  readonly #lab: Lab
  /** Requests as they last came, by method. */
  readonly #atCallee = new Map<string, Text>()
  readonly #atCaller = new Map<string, Text>()
  /** Whether the last INVITE was: its ACK goes no further than the proxy (RFC 3261 §17.1.1.3). */
  #isRefused = false

  constructor(lab: Lab) {
    this.#lab = lab
  }

  async step({ text, isSent }: Step): Promise<void> {
    const { caller, callee } = this.#lab
    const method = methodOf(text)
    if (isRequest(text)) {
      if (method === 'CANCEL') await this.#cancel(text)
      else if (method === 'ACK' && this.#isRefused) this.#send(caller, text)
      else if (isSent) this.#atCallee.set(method, await this.#request(text, caller, callee))
      else this.#atCaller.set(method, await this.#request(text, callee, caller))
    } else if (isSent) {
      await this.#respond(text, this.#atCaller.get(method)!, caller, callee)
    } else if (kindOf(text) === '100' || method === 'CANCEL') {
      // RFC 3261 §16.2, §16.10: the proxy's own.
      await arrived(text, caller)
    } else {
      await this.#respond(text, this.#atCallee.get(method)!, callee, caller)
    }
  }

  /** Within a dialog along a Route of ours. */
  async #request(text: Text, from: Party, to: Party): Promise<Text> {
    const isInDialog = /;tag=/.test(valueOf(text, 'to') ?? '')
    const unharmed = isInDialog ? routed(text, to.address) : text
    this.#send(from, isInDialog ? routed(text, this.#lab.proxy, to.address) : text)
    const came = await arrived(text, to)
    this.harm.push(...harmToRequest(unharmed, came, this.#lab.proxy))
    return came
  }

  async #cancel(text: Text): Promise<void> {
    const { caller, callee, port } = this.#lab
    this.#send(caller, text)
    callee.send(answerTo(await arrived(text, callee), '200 OK'), port)
  }

  async #respond(text: Text, request: Text, from: Party, to: Party): Promise<void> {
    const answer = dressed(text, request, 'via', 'record-route')
    this.#send(from, answer)
    const came = await arrived(text, to)
    if (isOwn(came, answer)) this.harm.push(`its own ${kindOf(came)}`)
    else this.harm.push(...harmToResponse(answer, came))
    if (methodOf(text) !== 'INVITE') return
    this.#isRefused = Number(kindOf(text)) >= 300
    if (this.#isRefused) await from.next('ACK', valueOf(text, 'call-id'))
  }

  #send(from: Party, text: Text): void {
    from.send(putTogether(text), this.#lab.port)
  }
}

/** Whether the proxy answered by itself: then there is another tag in To than the callee's. */
function isOwn(came: Text, answer: Text): boolean {
  return Number(kindOf(came)) >= 300 && valueOf(came, 'to') !== valueOf(answer, 'to')
}

function arrived(text: Text, at: Party): Promise<Text> {
  const cseq = valueOf(text, 'cseq')
  return at.next(kindOf(text), valueOf(text, 'call-id'), (each) => valueOf(each, 'cseq') === cseq)
}

function methodOf(text: Text): string {
  return valueOf(text, 'cseq')?.split(' ')[1] ?? ''
}

function routed(text: Text, ...hops: string[]): Text {
  const routes = hops.map((hop) => `Route: <sip:${hop};lr>`)
  return { ...text, fields: [...routes, ...without(text, 'route').fields] }
}
