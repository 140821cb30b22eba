/** A call that stands, or rings, keeps none of the datagrams that it was made of. In a process of its own. */
import { expect, it } from 'vitest'
import { runWithGc } from './testing/run-with-gc.ts'
import { tempBundle } from './testing/temp-bundle.ts'

const CALLS = 1_000
/** Bytes of a datagram that is not to be kept. */
const LARGE = 20_000

const program = `
import { Stack } from './stack.ts'
import { OwnAddresses } from './proxy/own-addresses.ts'
import { makeNextHop } from './resolve/next-hop.ts'
import { heapOfEach } from './testing/heap-of-each.ts'
import { VirtualClock } from './testing/virtual-clock.ts'

const { bundle, root } = ROUTES
let sent = []
const socket = {
  transport: 'udp', reliable: false, address: '127.0.0.1', port: 5080, sentBy: () => '127.0.0.1:5080', send: (wire) => void sent.push(wire),
}
const nothing = () => undefined
const stack = new Stack({
  bundle, root,
  clock: new VirtualClock(),
  timers: { t1: 500, c: 180_000 },
  uac: {
    credentials: [{ realm: 'the-realm-of-the-carrier', username: 'user', password: 'secret' }],
    authVars: { username: 'auser', password: 'apass', realm: 'arealm' },
    restoreVars: { from: 'from', to: 'to' },
  },
  own: new OwnAddresses([{ host: '127.0.0.1', port: 5080 }], []),
  sockets: [socket],
  nextHop: makeNextHop([socket]),
  log: () => ({ debug: nothing, info: nothing, warn: nothing, error: nothing }),
})

function receive(lines, size, port, kind) {
  sent = []
  const text = [...lines, 'Content-Length: ' + size, '', 'x'.repeat(size)].join('\\r\\n')
  stack.receive(Buffer.from(text, 'latin1'), '127.0.0.1', port, socket)
  const found = sent.find((wire) => wire.startsWith(kind))
  if (found === undefined) throw new Error('no ' + kind + ', but: ' + sent.join(''))
  // As it came from the line.
  return Buffer.from(found, 'latin1').toString('latin1')
}

const invite = (i) => [
  'INVITE sip:service-of-somebody@127.0.0.1:5090 SIP/2.0',
  'Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-' + i,
  'Max-Forwards: 70',
  'From: "Alice In Wonderland" <sip:alice-in-wonderland@127.0.0.1>;tag=caller-1928301774-' + i,
  'To: <sip:service-of-somebody@127.0.0.1:5080>',
  'Call-ID: ' + i + '-1234567890@127.0.0.1',
  'CSeq: ' + (100_000_000 + i) + ' INVITE',
  'Contact: <sip:alice-in-wonderland@127.0.0.1:5070>',
]

const answer = (sent, status, tag, ...more) => [
  'SIP/2.0 ' + status,
  ...sent.split('\\r\\n\\r\\n')[0].split('\\r\\n').filter((line) => /^(Via|From|Call-ID|CSeq|Record-Route):/.test(line)),
  /^To:.*/m.exec(sent)[0].trim() + ';tag=' + tag,
  'Contact: <sip:service-of-somebody@127.0.0.1:5090>',
  ...more,
]

function begin(i) {
  const first = receive(invite(i), INVITE_SIZE, 5070, 'INVITE')
  const nonce = 'Proxy-Authenticate: Digest realm="the-realm-of-the-carrier", nonce="nonce-4cdbb733645816512687270b83d2ae5d-' + i + '"'
  const out = receive(answer(first, '407 Proxy Authentication Required', 'x', nonce), INVITE_SIZE, 5090, 'INVITE')
  for (let fork = 0; fork < FORKS; fork++) receive(answer(out, '180 Ringing', 'callee-of-this-fork-' + fork), RINGING_SIZE, 5090, 'SIP/2.0 180')
  if (FORKS === 0) receive(answer(out, '200 OK', 'callee-a6c85cf'), 0, 5090, 'SIP/2.0 200')
}

await stack.start()
const each = heapOfEach(CALLS, begin)
console.log(JSON.stringify({ each, dialogs: stack.proxy.dialogs.size }))
`

async function heapOfCall(relay: string, constants: Record<string, number>): Promise<number> {
  const temp = await tempBundle(`import { onRequest } from '@signalbox/dsl'
onRequest(({ relay, req, vars, uac }) => { ${relay} })
`)
  const all = { ROUTES: temp, CALLS, FORKS: 0, INVITE_SIZE: 0, RINGING_SIZE: 0, ...constants }
  const { each, dialogs } = await runWithGc<{ each: number; dialogs: number }>(program, import.meta.dirname, all)
  expect(dialogs).toBe((CALLS + 1) * Math.max(1, all.FORKS))
  return each
}

it.each([
  // The caller's CSeq goes back in each repeat of the 2xx.
  'relay({ auth: true })',
  // So does his From, and `vars` remember it.
  "uac.replaceFrom('sip:robin@example.com'); relay({ auth: true })",
  // The dialog remembers what answers, and nothing beside.
  "vars.who = req.ruri.user; relay({ auth: { username: 'user', password: 'secret' } })",
])('a call that stands keeps no datagram: %s', { timeout: 60_000 }, async (relay) => {
  expect(await heapOfCall(relay, { INVITE_SIZE: LARGE })).toBeLessThan(LARGE / 2)
})

it('a call that rings keeps the last 180, and of the others their tags', { timeout: 60_000 }, async () => {
  expect(await heapOfCall('relay({ auth: true })', { FORKS: 8, RINGING_SIZE: LARGE })).toBeLessThan(LARGE * 4)
})
