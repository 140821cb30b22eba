/** What outlasts a message keeps a few letters of it, and not the datagram that they were cut out of. */
import { expect, it } from 'vitest'
import { runWithGc } from './testing/run-with-gc.ts'

const MESSAGES = 1_000
/** Bytes of a datagram. */
const LARGE = 50_000

const program = `
import { Dialogs, chosenFor } from './proxy/dialogs.ts'
import { heapOfEach } from './testing/heap-of-each.ts'
import { Address } from './message/address.ts'
import { Field } from './message/field.ts'
import { H } from './message/header-names.ts'
import { Seal } from './identity/seal.ts'
import { Message } from './message/message.ts'
import { parseMessage } from './message/parse.ts'
import { Removals } from './registrar/removals.ts'
import { Flows } from './transport/flows.ts'
import { PinnedDialogs } from './runtime/pinned-dialogs.ts'
import { failureOf, realmsOf } from './trunks/failure.ts'
import { NonceCounts } from './uac/nonce-counts.ts'
import { OwnDialogs } from './uac/own-dialog.ts'

const dialogs = new Dialogs(MESSAGES, () => undefined)
const pinned = new PinnedDialogs(MESSAGES, { now: () => 0 })
const nonces = new NonceCounts()
const seal = new Seal([Buffer.alloc(32)])
const removals = new Removals(2 * MESSAGES)
const flows = new Flows()
const generation = { hold() {}, letGo() {} }

function message(i) {
  const lines = [
    'INVITE sip:service-of-somebody@127.0.0.1:5080 SIP/2.0',
    'Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-' + i,
    'From: <sip:alice@127.0.0.1>;tag=caller-1928301774-' + i,
    'To: <sip:service@127.0.0.1:5080>;tag=callee-a6c85cf-' + i,
    'Call-ID: ' + i + '-1234567890@127.0.0.1',
    'CSeq: 1 INVITE',
    'Contact: <sip:realm-of-the-carrier-' + i + '@127.0.0.1>',
    'Subject: nonce-4cdbb733645816512687270b83d2ae5d-' + i,
    'Organization: ' + seal.seal(['sip:alice@127.0.0.1'], 'call-' + i),
  ]
  return received(lines)
}

function received(lines) {
  const text = [...lines, 'Content-Length: LARGE', '', 'x'.repeat(LARGE)].join('\\r\\n')
  return parseMessage(Buffer.from(text), undefined)
}

function begin(i) {
  const request = message(i)
  const realm = request.address(H.Contact).uri.user
  const nonce = request.value(H.Subject)
  const byRealm = new Map([[realm, { username: 'me', password: 'x' }]])
  const hop = Address.parse(request.value(H.Contact)).uri
  const dialog = dialogs.open(request)
  dialog.choose(request, chosenFor({ byRealm, otherwise: () => undefined }, hop))
  dialog.acknowledgeWith(request, [Field.make(H.ProxyAuthorization, 'Digest nonce="' + nonce + '"')], 0)
  pinned.pin(request.callId, generation)
  pinned.find(request.callId)
  nonces.next(realm, nonce)
  flows.to(nonce, i, { transport: 'udp' })
  if (seal.open(request.named('Organization')[0].value, 'call-' + i) === undefined) throw new Error('what was sealed does not open')
  const taken = { all: false, changes: [{ uri: request.address(H.Contact).uri, expires: 0 }] }
  removals.add(realm, taken, { callId: request.callId, cseq: 1 })
  removals.add(nonce, { all: true, changes: [] }, { callId: request.callId, cseq: 1 })
  acknowledge(request)
  refuse(i)
}

const why = []

/** What a carrier says to a REGISTER. */
function refuse(i) {
  const via = 'Via: SIP/2.0/UDP 127.0.0.1:5080;branch=z9hG4bK-1'
  const refused = received(['SIP/2.0 403 The account of this number is closed, ' + i, via])
  const challenge = 'Proxy-Authenticate: Digest realm="realm-of-the-carrier-' + i + '", nonce="1"'
  const challenged = received(['SIP/2.0 407 Proxy Authentication Required', via, challenge])
  const account = { proxy: Address.parse('<sip:carrier.example>').uri, row: { realm: '' } }
  why.push(failureOf({ response: refused, isLocal: false, error: undefined, unanswered: '', account }), realmsOf(challenged))
}

const local = { transport: 'udp', address: '127.0.0.1', port: 5080, sentBy: () => '127.0.0.1:5080', send() {} }
const services = { ids: { branch: () => 'z9hG4bK-own' }, nextHop: () => ({ transport: 'udp', address: '127.0.0.1', port: 5090, local }) }
const invite = Message.request('INVITE', 'sip:service-of-somebody@127.0.0.1:5080')
for (const [id, value] of [[H.From, '<sip:us@127.0.0.1>;tag=1'], [H.CallId, 'ours'], [H.CSeq, '1 INVITE']]) invite.append(Field.make(id, value))
const acknowledged = []

/** A message is as good as a 2xx here. */
function acknowledge(response) {
  const dialogs = new OwnDialogs(services, invite, local, () => [])
  dialogs.accepted(response, true)
  acknowledged.push(dialogs)
}

const each = heapOfEach(MESSAGES, begin)
const known = message(1)
console.log(JSON.stringify({ each, size: dialogs.size, realm: dialogs.find(known).credentials(known)('realm-of-the-carrier-1') }))
`

it(
  'what is remembered of a dialog, a nonce, a peer, a seal, a removal, an ACK or a refused REGISTER keeps no datagram',
  { timeout: 60_000 },
  async () => {
    const constants = { MESSAGES, LARGE }
    const result = await runWithGc<{ each: number }>(program, import.meta.dirname, constants)
    expect(result).toMatchObject({ size: MESSAGES, realm: { username: 'me' } })
    expect(result.each).toBeLessThan(LARGE / 5)
  },
)
