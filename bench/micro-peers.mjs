/** Both peers of each kind of traffic in `kinds.mjs`, which say what the proxy gets next when it has sent what it had to. */
import { answer, body, invite, register, request } from './micro-messages.mjs'

/** How a call number `i` goes, to its end. `Peers` is where its messages are taken. */
export const scripts = {
  async plain(peers, i) {
    const dialog = await established(peers, i, await peers.caller(invite(i), /^INVITE/))
    await end(peers, i, dialog, 2)
  },
  async 407(peers, i) {
    const challenged = await peers.caller(invite(i), /^INVITE/)
    const again = await peers.callee(answer(challenged, '407 Auth Required'), /^INVITE[^]*\nProxy-Authorization:/)
    const dialog = await established(peers, i, again)
    await end(peers, i, dialog, 2)
  },
  async dialog(peers, i) {
    const dialog = await established(peers, i, await peers.caller(invite(i), /^INVITE/))
    await within(peers, request('INFO', i, { ...dialog, cseq: 2 }))
    await within(peers, request('UPDATE', i, { ...dialog, cseq: 3 }))
    await within(peers, request('INVITE', i, { ...dialog, cseq: 4 }))
    await peers.caller(request('ACK', i, { ...dialog, cseq: 4 }), /^ACK/)
    await end(peers, i, dialog, 5)
  },
  async register(peers, i) {
    for (const cseq of [1, 2, 3]) await peers.caller(register(i, cseq, 600), /^SIP\/2\.0 200/)
    await peers.caller(register(i, 4, 0), /^SIP\/2\.0 200/)
  },
}

/** What `takes` one message says is how many milliseconds that took; `sent` is what the proxy sent for it. */
export class Peers {
  spent = 0
  #takes
  #sent

  constructor(takes, sent) {
    this.#takes = takes
    this.#sent = sent
  }

  caller(wire, expected) {
    return this.#gives(wire, 5070, expected)
  }

  callee(wire, expected) {
    return this.#gives(wire, 5090, expected)
  }

  async #gives(wire, port, expected) {
    this.spent += await this.#takes(wire, port)
    const found = this.#sent().find((each) => expected.test(each))
    if (found === undefined) throw new Error(`the proxy did not send ${expected}, but: ${this.#sent().join('\n')}`)
    return found
  }
}

async function established(peers, i, forwarded) {
  await peers.callee(answer(forwarded, '180 Ringing'), /^SIP\/2\.0 180/)
  const accepted = await peers.callee(answer(forwarded, '200 OK', body), /^SIP\/2\.0 200/)
  const [, route] = /^Record-Route: (.*)$/m.exec(accepted.replaceAll('\r', ''))
  const dialog = { to: ';tag=callee-a6c85cf-1', route }
  await peers.caller(request('ACK', i, dialog), /^ACK/)
  return dialog
}

async function within(peers, asked) {
  const [method] = asked.split(' ', 1)
  const forwarded = await peers.caller(asked, new RegExp(`^${method}`))
  await peers.callee(answer(forwarded, '200 OK'), /^SIP\/2\.0 200/)
}

function end(peers, i, dialog, cseq) {
  return within(peers, request('BYE', i, { ...dialog, cseq }))
}
