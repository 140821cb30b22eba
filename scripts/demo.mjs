/**
 * A carrier in the box, a phone, and between them the proxy of `templates/trunk-auth`: one call that the carrier challenges, shown as a ladder
 * with the route lines that ran. Everything is real but the people: UDP sockets, the template as a user gets it.
 */
import { join } from 'node:path'
import { root } from './run.mjs'

const CARRIER = '127.0.0.1:5090'
const PHONE = '127.0.0.1:5070'

/** Resolves when it is over: at once with `once`, else on Ctrl-C or SIGTERM. */
export async function demo({ once }) {
  const { startProject } = await import('@signalbox/cli')
  const { challenge, uacOnUdp, uasOnUdp } = await import('@signalbox/core/testing')
  const events = []
  const { server } = await startProject({
    dir: join(root, 'templates', 'trunk-auth'),
    observer: observer(events),
  })
  const proxy = server.listening[0].replace('udp:', '')
  const carrier = await uasOnUdp(CARRIER, challenge({ realm: 'carrier.example', username: 'test', password: 'test' }))
  const phone = await uacOnUdp(PHONE, proxy)
  try {
    await placeCall(phone.agent, proxy)
    await show(events, proxy)
    if (!once) await stay(server)
  } finally {
    await server.drain()
    await Promise.all([phone.close(), carrier.close(), server.close()])
  }
}

function observer(events) {
  return {
    message: (event) => events.push({ kind: 'message', ...event }),
    route: ({ what, where }) => events.push({ kind: 'route', what, where }),
  }
}

async function placeCall(phone, proxy) {
  console.log(
    `\nA phone at ${PHONE} calls sip:bob@${proxy}. The proxy relays to a carrier at ${CARRIER}, which wants a password.\n`,
  )
  const call = await phone.invite(`sip:bob@${proxy}`)
  if (call.status !== 200) throw new Error(`the call was answered ${call.status}`)
  const { status } = await call.bye()
  if (status !== 200) throw new Error(`the BYE was answered ${status}`)
}

async function show(events, proxy) {
  const { ladder } = await import('@signalbox/core/testing')
  const names = new Map([
    [PHONE, 'phone'],
    [proxy, 'signalbox'],
    [CARRIER, 'carrier'],
  ])
  console.log(
    ladder(
      events.map((event) => onLadder(event, proxy)),
      names,
    ),
  )
  console.log(
    'The caller saw neither the 407 nor the second CSeq. The lines are those of templates/trunk-auth/routes/main.ts.',
  )
}

function onLadder(event, proxy) {
  if (event.kind === 'route') return { ...event, at: proxy }
  const { direction, address, port, wire } = event
  const peer = `${address}:${port}`
  return direction === 'in'
    ? { kind: 'message', from: peer, to: proxy, wire }
    : { kind: 'message', from: proxy, to: peer, wire }
}

function stay(server) {
  console.log(
    `\nThe proxy stays up on ${server.listening.join(', ')}, its admin port on http://${server.admin}/metrics.`,
  )
  console.log('Make your own:  npx signalbox new my-trunk --template trunk-auth && npx signalbox dev my-trunk')
  console.log('Ctrl-C ends it.')
  return new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}
