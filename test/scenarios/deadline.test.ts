/** `handlers.deadline`: an await that never ends costs its own transaction only, in every kind of route. Nothing of RFC 3261 is asked here. */
import { answer, reject, simulate, type Simulation } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { CARRIER, header, logged, PHONE, SECOND, sentTo } from './wire.ts'

const LATE = 'did not end within handlers.deadline, 2000 ms'

/** It checks by itself, at the end of each test, that nothing is left after 64 × T1. */
async function started(): Promise<Simulation> {
  return simulate({ routes: 'test/scenarios/routes/deadline.ts', deadline: '2s', patience: 0 })
}

function dial(user: string): string {
  return `sip:${user}@127.0.0.1:5080`
}

/** What was given up: the title of each route, and its file. */
function givenUp(net: Simulation): (string | undefined)[] {
  const line = new RegExp(`^test/scenarios/routes/deadline\\.ts:\\d+:\\d+ (.*) ${LATE}(?:, after .*)?: given up$`)
  return logged(net, 'error').map((each) => line.exec(each)?.[1] ?? each)
}

/** What was waited for comes after all; who had been given up for it goes on then. */
async function goOn(net: Simulation): Promise<void> {
  const bus: NodeJS.EventEmitter = process
  bus.emit('scenario:go-on')
  await net.advance(1)
}

test('onRequest: 500, its signal is aborted, and what it does afterwards does nothing and is told', async () => {
  const net = await started()
  net.uas(CARRIER, answer())
  const call = await net.uac(PHONE).invite(dial('request'))
  expect(call).toBeAnsweredWith(500)
  expect(givenUp(net)).toEqual(['onRequest'])
  expect(logged(net, 'info')).toEqual(['told to stop'])
  await goOn(net)
  expect([sentTo(net, CARRIER, 'INVITE ').length, call.statuses]).toEqual([0, [100, 500]])
  const did = logged(net, 'warn').map((line) => /deadline\.ts:\d+:\d+ (.*): onRequest (.*)$/.exec(line)?.slice(1))
  expect(did).toEqual([
    ['reply(183) does nothing', LATE],
    ['relay does nothing', LATE],
  ])
  expect(net.stack.counters.routes.get('deadline')).toBe(1)
})

test('onRequest that had acted: the call goes on as if it had ended', async () => {
  const net = await started()
  net.uas(CARRIER, answer())
  expect(await net.uac(PHONE).invite(dial('acted'))).toBeAnsweredWith(200)
  await net.advance('3s')
  expect(givenUp(net)).toEqual(['onRequest'])
})

test('onInDialog: it only watched, and the request goes along its Route', async () => {
  const net = await started()
  net.uas(CARRIER, answer())
  const call = await net.uac(PHONE).invite(dial('bob'))
  expect((await call.bye()).status).toBe(200)
  expect(givenUp(net)).toEqual(['onInDialog'])
})

test('onBranch: the branch leaves as the route had left it', async () => {
  const net = await started()
  net.uas(CARRIER, answer())
  expect(await net.uac(PHONE).invite(dial('branch'))).toBeAnsweredWith(200)
  expect(header(sentTo(net, CARRIER, 'INVITE ')[0]!, 'X-Branch')).toBe('before')
  expect(givenUp(net)).toEqual(["onBranch 'NEVER'"])
})

test('onReply: the reply passes', async () => {
  const net = await started()
  net.uas(CARRIER, answer())
  expect(await net.uac(PHONE).invite(dial('reply'))).toBeAnsweredWith(200)
  expect(givenUp(net)).toEqual(expect.arrayContaining(["onReply 'NEVER'"]))
})

test.each(['branchFailure', 'failure'])('on %s: the received answer goes upstream', async (user) => {
  const net = await started()
  net.uas(CARRIER, reject(486))
  net.uas(SECOND, answer())
  expect(await net.uac(PHONE).invite(dial(user))).toBeAnsweredWith(486)
  expect(givenUp(net)).toEqual([`${user === 'failure' ? 'onFailure' : 'onBranchFailure'} 'NEVER'`])
  await goOn(net)
  expect(sentTo(net, SECOND, 'INVITE ')).toEqual([])
})

test('onLocal: the request leaves as it was; onEvent: nobody notices', async () => {
  const net = await started()
  net.uas(CARRIER, answer())
  expect(await net.uac(PHONE).send('MESSAGE', dial('own'))).toBeAnsweredWith(500)
  await net.advance('3s')
  expect(givenUp(net)).toEqual(['onRequest', 'onLocal', "onEvent 'uac:reply'"])
})

test('a generation whose handler never ends is disposed all the same', async () => {
  const net = await started()
  net.uas(CARRIER, answer())
  const call = net.uac(PHONE).dial(dial('request'))
  await net.advance(1)
  await net.reload('test/scenarios/routes/deadline.ts')
  expect(net.stack.runtime.list().map(({ state }) => state)).toEqual(['live', 'draining'])
  await net.until(call.answered)
  await net.advance('40s')
  expect(net.stack.runtime.list().map(({ state }) => state)).toEqual(['live', 'disposed'])
})
