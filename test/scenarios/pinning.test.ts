/** RFC 3261 §16.2: whatever a transaction's routes do, they do on the generation it began with, across two reloads. */
import { answer, simulate } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { bundleOf, generations } from './generations.ts'
import { BOB, CARRIER, header, logged, PHONE, SECOND, sentTo, THIRD } from './wire.ts'

const tell = `uac.send({ method: 'INFO', ruri: 'sip:127.0.0.1:5092' })`

const stamping = (n: number) =>
  bundleOf(`const armed = { onBranch: 'BRANCH', onReply: 'REPLY', onBranchFailure: 'BRANCH_FAILED' }
onRequest(async ({ req, relay, uac, log }) => {
  req.headers.set('X-Request', '${n}')
  relay({ to: 'sip:127.0.0.1:5090', onFailure: 'FAILED', ...armed })
  log.info('${n} sent ' + (await ${tell}).status)
})
onBranch('BRANCH', ({ req }) => void req.headers.set('X-Branch', '${n}'))
onReply(({ res }) => void res.headers.set('X-Any-Reply', '${n}'))
onReply('REPLY', async ({ res, uac }) => void res.headers.set('X-Reply', '${n} ' + (await ${tell}).status))
onBranchFailure('BRANCH_FAILED', ({ log }) => log.info('${n} branch failed'))
onFailure('FAILED', async ({ req, relay, uac }) => {
  await ${tell}
  req.headers.set('X-Failure', '${n}')
  relay({ to: 'sip:127.0.0.1:5091', ...armed })
})
onLocal(({ req }) => void req.headers.set('X-Local', '${n}'))
`)

test('RFC 3261 §16.2: request, branch, reply, failure and local routes, awaits and uac.send stay on one generation', async () => {
  const net = await simulate({ bundle: await stamping(1) })
  net.uas(CARRIER, answer({ status: 486, ring: false, after: '5s' }))
  net.uas(SECOND, answer({ ring: false, after: '5s' }))
  net.uas(THIRD, answer({ after: '3s' }))
  const call = net.uac(PHONE).dial(BOB)
  await net.advance('1s')
  await net.reload(await stamping(2))
  // The failure route awaits: it goes on after the next reload.
  await net.advance('8500ms')
  await net.reload(await stamping(3))
  expect(generations(net, 'transactions')).toEqual([
    '3 live 0',
    '2 disposed 0',
    expect.stringMatching(/^1 draining [1-9]$/),
  ])
  await net.until(call.answered)
  const invite = sentTo(net, SECOND, 'INVITE ')[0]!
  expect(['X-Request', 'X-Branch', 'X-Failure'].map((name) => header(invite, name))).toEqual(['1', '1', '1'])
  const ok = call.final!.toWire()
  expect(['X-Any-Reply', 'X-Reply'].map((name) => header(ok, name))).toEqual(['1', '1 200'])
  const infos = sentTo(net, THIRD, 'INFO ').map((wire) => header(wire, 'X-Local'))
  expect([infos.length > 2, new Set(infos)]).toEqual([true, new Set(['1'])])
  expect(logged(net, 'info')).toEqual(['1 sent 200', '1 branch failed'])
  // The 200 is repeated until its ACK, and each time a reply route awaits: the generation waits for timer M.
  await net.advance('36s')
  expect(generations(net)).toEqual(['3 live', '2 disposed', '1 disposed'])
  await call.bye()
})

test('RFC 3261 §16.6 step 11: what a timer of the transaction ends goes to the failure route it began with', async () => {
  const failing = (n: number) =>
    bundleOf(`onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onFailure: 'LATE_${n}', timeouts: { provisional: '20s' } }))
onFailure('LATE_${n}', ({ res, reply }) => reply(480, '${n} heard ' + res.status))
`)
  const net = await simulate({ bundle: await failing(1) })
  const call = net.uac(PHONE).dial(BOB)
  for (const n of [2, 3]) {
    await net.advance('2s')
    await net.reload(await failing(n))
  }
  await net.until(call.answered)
  expect([call.status, call.final!.reason]).toEqual([480, '1 heard 408'])
  expect(generations(net)).toEqual(['3 live', '2 disposed', '1 disposed'])
})
