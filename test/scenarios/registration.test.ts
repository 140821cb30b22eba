/** Trunks kept registered: the REGISTERs on the wire, and what becomes of their answers (RFC 3261 §10.2). */
import { challenge, registrar, type Behaviour } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { insert, REGISTRAR, reload, trunkNetwork, type TrunkOptions } from './trunk-table.ts'

const account = { realm: 'asterisk', username: 'ralice', password: 'secret', status: 401 } as const

async function registered(
  behaviour: Behaviour,
  row: TrunkOptions = {},
  options: Parameters<typeof trunkNetwork>[0] = {},
) {
  const net = await trunkNetwork(options)
  const uas = net.uas(REGISTRAR, behaviour)
  await insert(net, row)
  await reload(net)
  return { net, uas, trunk: net.stack.trunks!.get(row.uuid ?? 'u1')! }
}

test('Case 57: the first REGISTER, its challenge answered with CSeq + 1 and the same Call-ID, registered', async () => {
  const { net, uas, trunk } = await registered(challenge({ ...account, next: registrar() }))
  await net.advance('1s')
  const [first, second] = uas.requests('REGISTER').map((request) => request.toWire().split('\r\n'))
  const branch = /branch=[^;]+/.exec(first![1]!)![0]
  const tag = /tag=.+/.exec(first![3]!)![0]
  expect(first).toEqual([
    'REGISTER sip:127.0.0.2 SIP/2.0',
    `Via: SIP/2.0/UDP 127.0.0.1:5080;${branch};rport=5080;received=127.0.0.1`,
    'To: <sip:ralice@127.0.0.2>',
    `From: <sip:ralice@127.0.0.2>;${tag}`,
    'CSeq: 10 REGISTER',
    expect.stringMatching(/^Call-ID: /),
    'Max-Forwards: 70',
    'Content-Length: 0',
    expect.stringMatching(/^Contact: <sip:u1@127\.0\.0\.1:5080;sb=[0-9a-f]{10}>$/),
    'Expires: 60',
    '',
    '',
  ])
  expect(second).toEqual([
    ...first!.slice(0, 1),
    expect.not.stringContaining(branch),
    ...first!.slice(2, 4),
    'CSeq: 11 REGISTER',
    ...first!.slice(5, 10),
    expect.stringMatching(/^Authorization: Digest username="ralice", realm="asterisk", .*uri="sip:127.0.0.2"/),
    '',
    '',
  ])
  expect(trunk.state).toBe('registered')
  expect(trunk.granted).toBe(60)
})
