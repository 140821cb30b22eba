/**
 * Trunks that are refreshed, and phones that register again, through virtual days: the heap stays as it was when everybody had registered. In a
 * process of its own, where garbage can be collected on request.
 */
import { expect, it } from 'vitest'
import { runWithGc } from './testing/run-with-gc.ts'
import { tempBundle } from './testing/temp-bundle.ts'

const TRUNKS = 2_000
const PHONES = 500
/** Bytes of each of the carrier's answers. */
const LARGE = 20_000

const program = `
import { Stack } from './stack.ts'
import { OwnAddresses } from './proxy/own-addresses.ts'
import { challenge } from './testing/challenge.ts'
import { MemoryNetwork } from './testing/network.ts'
import { registrar } from './testing/registrar.ts'
import { seeded } from './testing/seeded.ts'
import { Uas } from './testing/uas.ts'
import { VirtualClock } from './testing/virtual-clock.ts'
import { readRow } from './trunks/columns.ts'

const { bundle, root } = BUNDLE
const clock = new VirtualClock()
const network = new MemoryNetwork(clock)
const socket = network.open('127.0.0.1', 5060, (...datagram) => stack.receive(...datagram, socket))
// Made anew at each look, as a database does.
const rows = () => Array.from({ length: TRUNKS }, (_, i) => readRow({
  l_uuid: 'u' + i, l_username: 'l' + i, l_domain: 'x', r_username: 'r' + i, r_domain: '127.0.0.2', realm: '', auth_username: 'user',
  auth_password: 'secret', auth_proxy: 'sip:127.0.0.2', expires: 7200,
}))
const nothing = () => undefined
const stack = new Stack({
  bundle, root, clock,
  timers: { t1: 500, c: 180_000 },
  uac: { credentials: [], authVars: { username: 'u', password: 'p', realm: 'r' } },
  own: new OwnAddresses([{ host: '127.0.0.1', port: 5060 }], []),
  sockets: [socket],
  nextHop: (uri) => ({ transport: 'udp', address: uri.host, port: uri.port ?? 5060, local: socket }),
  locationStore: { dialect: 'sqlite', database: { isUp: true, query: async () => [] }, turn: async () => undefined },
  registration: {
    settings: { interval: 900, retryInterval: 30, rate: 100, unregisterOnStop: false },
    table: { all: async () => rows(), one: async () => undefined, lacking: '' },
    random: seeded(),
  },
  log: () => ({ debug: nothing, info: nothing, warn: nothing, error: nothing }),
})
const books = registrar()
// What it says is long: nobody is to keep it.
function openCarrier(agent) {
  const socket = network.open('127.0.0.2', 5060, (bytes, from, port) => agent.receive(bytes, from, port))
  const send = socket.send.bind(socket)
  socket.send = (wire, ...to) => send(wire.replace('Content-Length: 0', 'Content-Length: LARGE') + 'x'.repeat(LARGE), ...to)
  return socket
}
const carrier = new Uas(
  { clock, open: openCarrier },
  challenge({ status: 401, realm: 'the-realm-of-the-carrier', username: 'user', password: 'secret', qop: 'auth', next: books }),
)
let answered = 0
network.open('127.0.0.3', 5060, (bytes) => void (bytes.toString('latin1').startsWith('SIP/2.0 200') && answered++))

let cseq = 0
let branch = 0
// Every tenth phone moves: a new contact, and the old one taken off.
function phonesRegister() {
  cseq++
  for (let i = 0; i < PHONES; i++) {
    const contact = (n) => '<sip:p' + i + '@127.0.0.3:' + (i % 10 === 0 ? 10_000 + n : 5060) + '>'
    const gone = i % 10 === 0 && cseq > 1 ? ['Contact: ' + contact(cseq - 1) + ';expires=0'] : []
    network.put({ from: '127.0.0.3:5060', to: '127.0.0.1:5060', wire: [
      'REGISTER sip:127.0.0.1 SIP/2.0', 'Via: SIP/2.0/UDP 127.0.0.3:5060;branch=z9hG4bK' + ++branch, 'Max-Forwards: 70',
      'From: <sip:p' + i + '@127.0.0.1>;tag=1', 'To: <sip:p' + i + '@127.0.0.1>', 'Call-ID: p' + i, 'CSeq: ' + cseq + ' REGISTER',
      ...gone, 'Contact: ' + contact(cseq) + ';expires=3600', 'Content-Length: 0', '', '',
    ].join('\\r\\n') })
  }
}

async function settle() {
  do {
    network.deliver()
    await new Promise((resolve) => setImmediate(resolve))
  } while (!network.isQuiet)
}

async function advance(ms) {
  const until = clock.now() + ms
  await settle()
  while (clock.next() <= until) {
    clock.goTo(clock.next())
    await settle()
  }
  clock.goTo(until)
}

async function hours(count) {
  for (let hour = 0; hour < count; hour++) {
    phonesRegister()
    await advance(3_500_000)
    // What the kit remembers is none of ours.
    carrier.received.length = network.sent.length = 0
  }
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setImmediate(resolve))
    globalThis.gc()
  }
  return process.memoryUsage().heapUsed
}

globalThis.gc()
const before = process.memoryUsage().heapUsed
await stack.start()
await stack.register()
const first = await hours(6)
const heaps = []
for (let round = 0; round < 4; round++) heaps.push(await hours(6))
console.log(JSON.stringify({
  before, first, heaps, answered, lapses: books.lapses, registered: stack.trunks.counts().registered, contacts: stack.registrar.location.size,
}))
`

interface Outcome {
  readonly before: number
  readonly first: number
  readonly heaps: readonly number[]
  readonly answered: number
  readonly lapses: number
  readonly registered: number
  readonly contacts: number
}

it('memory is flat: days of refreshes leave nothing behind, of trunks or of phones', { timeout: 120_000 }, async () => {
  const temp = await tempBundle(`import { onRequest } from '@signalbox/dsl'
onRequest(({ req, registrar, reply }) => (req.method === 'REGISTER' ? registrar.save() : reply(404)))
`)
  const constants = { BUNDLE: temp, TRUNKS, PHONES, LARGE }
  const outcome = await runWithGc<Outcome>(program, import.meta.dirname, constants)
  const { before, first, heaps, answered, lapses, registered, contacts } = outcome
  expect([answered, lapses, registered, contacts]).toEqual([30 * PHONES, 0, TRUNKS, PHONES])
  // Its realm and nonce, and not the answer that they stood in.
  expect((first - before) / TRUNKS).toBeLessThan(LARGE / 2)
  // Some 40,000 REGISTERs later: an empty object for each would be more.
  expect(Math.max(...heaps) / first).toBeLessThan(1.06)
})
