/** Routes of one branch and of its replies: `onBranch`, `onReply`, `onBranchFailure` (RFC 3261 §16.6 and §16.7, branch by branch). */
import { readFileSync } from 'node:fs'
import {
  answer,
  challenge,
  inTurn,
  reject,
  ringing,
  silent,
  simulate,
  type Behaviour,
  type Simulation,
} from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { branch, CARRIER, cseq, digestParam, header, logged, PHONE, requestUri, SECOND, sentTo, THIRD } from './wire.ts'

const PLACES = [CARRIER, SECOND, THIRD]
const branchRoutes = 'test/scenarios/routes/branch-routes.ts'
const replyRoutes = 'test/scenarios/routes/reply-routes.ts'

async function network(routes: string, ...behaviours: Behaviour[]) {
  const net = await simulate({ routes, credentials: ACCOUNTS, patience: 20 })
  behaviours.forEach((behaviour, i) => net.uas(PLACES[i]!, behaviour))
  const phone = net.uac(PHONE)
  const sent = (method: string): number[] => PLACES.map((place) => sentTo(net, place, `${method} `).length)
  return { net, phone, sent }
}

const ACCOUNTS = [
  { realm: 'one', username: 'u1', password: 'p1' },
  { realm: 'two', username: 'u2', password: 'p2' },
]

const dial = (user: string): string => `sip:${user}@127.0.0.1:5080`

/** Lets the handler go on that waits in the routes. */
async function goOn(net: Simulation): Promise<void> {
  const routes: NodeJS.EventEmitter = process
  routes.emit('scenario:go-on')
  await net.advance(1)
}

/** `file:line:` of the line of the fixture that holds this text. */
function place(file: string, text: string): string {
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .findIndex((each) => each.includes(text))
  expect(line).toBeGreaterThan(0)
  return `${file}:${line + 1}:`
}

function invites(net: Simulation, place: string): string[] {
  return sentTo(net, place, 'INVITE ')
}

describe('RFC 3261 §16.6: onBranch', () => {
  test('edits one branch: its INVITE, the CANCEL and the ACK that go with it', async () => {
    const { net, phone } = await network(branchRoutes, ringing(), ringing())
    const call = phone.dial(dial('stamped'))
    await net.advance('1s')
    call.cancel()
    await net.until(call.answered)
    for (const [i, port] of ['5090', '5091'].entries()) {
      const all = sentTo(net, PLACES[i]!, '').filter((wire) => !wire.startsWith('SIP/2.0'))
      expect(all.map((wire) => wire.split(' ', 1)[0])).toEqual(['INVITE', 'CANCEL', 'ACK'])
      expect(all.map(requestUri)).toEqual(Array(3).fill(`sip:u${port}@127.0.0.1:5080`))
      expect(header(all[0]!, 'X-Branch')).toBe(port)
    }
  })

  test('RFC 3261 §16.6 step 2: sees the Request-URI and the next hop of its branch', async () => {
    const { net, phone } = await network(branchRoutes, reject(486), reject(486))
    await phone.invite(dial('own-uris'))
    expect(logged(net, 'info')).toEqual([
      'sip:a@127.0.0.1:5090 by sip:a@127.0.0.1:5090',
      'sip:b@gw by sip:127.0.0.1:5091',
    ])
  })

  test('RFC 3261 §16.6 step 7: may send its branch elsewhere', async () => {
    const { net, phone } = await network(branchRoutes, answer(), answer())
    expect(await phone.invite(dial('moved'))).toBeAnsweredWith(200)
    expect(invites(net, SECOND).map(requestUri)).toEqual(['sip:moved@carrier.example'])
    expect(sentTo(net, CARRIER, '')).toEqual([])
  })

  test('RFC 3261 §22.4: runs again on the retry after a challenge, whose digest is over the edited Request-URI', async () => {
    const { net, phone } = await network(
      branchRoutes,
      challenge({ realm: 'carrier', username: 'test', password: 'test' }),
    )
    expect(await phone.invite(dial('authenticates-stamped'))).toBeAnsweredWith(200)
    const [first, second] = invites(net, CARRIER)
    expect([first, second].map((wire) => header(wire!, 'X-Branch'))).toEqual(['5090', '5090'])
    expect([first, second].map((wire) => requestUri(wire!))).toEqual(Array(2).fill('sip:u5090@127.0.0.1:5080'))
    expect(digestParam(header(second!, 'Proxy-Authorization'), 'uri')).toBe('sip:u5090@127.0.0.1:5080')
  })

  test('drop keeps that branch from leaving; the others go', async () => {
    const { net, phone, sent } = await network(branchRoutes, answer(), reject(486))
    expect(await phone.invite(dial('drops-one'))).toBeAnsweredWith(486)
    expect(sent('INVITE')).toEqual([0, 1, 0])
    expect(logged(net, 'info')).toEqual(['486 of 480 local,486'])
  })

  test('drop of all is 480 without anything sent, and the failure route is asked', async () => {
    const { net, phone, sent } = await network(branchRoutes, answer(), answer())
    expect(await phone.invite(dial('drops-all'))).toBeAnsweredWith(480)
    expect(sent('INVITE')).toEqual([0, 0, 0])
    expect(logged(net, 'info')).toEqual(['480 of 480 local,480 local'])
  })

  test('drop of one in a list: the next one is tried', async () => {
    const { phone, sent } = await network(branchRoutes, answer(), answer())
    expect(await phone.invite(dial('drops-in-list'))).toBeAnsweredWith(200)
    expect(sent('INVITE')).toEqual([0, 1, 0])
  })

  test('that throws lets its branch leave as it stands, and the log has the line', async () => {
    const { net, phone } = await network(branchRoutes, answer())
    expect(await phone.invite(dial('throws-leaving'))).toBeAnsweredWith(200)
    expect(header(invites(net, CARRIER)[0]!, 'X-Branch')).toBe('edited')
    const [error, ...more] = logged(net, 'error')
    expect(more).toEqual([])
    expect(error).toContain(`onBranch 'THROWS' threw: Error: cannot stamp`)
    expect(error).toContain(place(branchRoutes, '// in onBranch'))
  })

  test('that awaits holds its own branch only', async () => {
    const { net, phone, sent } = await network(branchRoutes, ringing(), ringing())
    const call = phone.dial(dial('waits-to-leave'))
    await net.advance('1s')
    expect(sent('INVITE')).toEqual([0, 1, 0])
    await goOn(net)
    expect(sent('INVITE')).toEqual([1, 1, 0])
    call.cancel()
    await net.until(call.answered)
  })

  test('RFC 3261 §16.7 step 10: that awaits while another branch wins: its branch never leaves', async () => {
    const { net, phone, sent } = await network(branchRoutes, ringing(), answer())
    expect(await phone.invite(dial('waits-to-leave'))).toBeAnsweredWith(200)
    await goOn(net)
    expect(sent('INVITE')).toEqual([0, 1, 0])
  })

  test('RFC 3261 §16.10: that awaits while the caller cancels: its branch never leaves, and nothing waits for it', async () => {
    const { net, phone, sent } = await network(branchRoutes, answer(), ringing())
    const call = phone.dial(dial('waits-to-leave'))
    await net.advance('1s')
    call.cancel()
    await net.advance(10)
    expect(call).toBeAnsweredWith(487)
    await goOn(net)
    expect(sent('INVITE')).toEqual([0, 1, 0])
    expect(sent('CANCEL')).toEqual([0, 1, 0])
  })
})

describe('RFC 3261 §16.7: onReply', () => {
  test('the one without a name sees every reply but 100, of every method', async () => {
    const { net, phone } = await network(replyRoutes, (incoming) => {
      incoming.answer(100)
      incoming.answer(180)
      incoming.answer(200)
    })
    const call = await phone.invite(dial('plain'))
    expect(call.statuses).toEqual([100, 180, 200])
    expect(call.responses.map((response) => header(response.toWire(), 'X-Seen'))).toEqual([
      undefined,
      'global',
      'global',
    ])
    await phone.send('OPTIONS', dial('plain'))
    expect(await call.bye()).toMatchObject({ status: 200 })
    expect(logged(net, 'info')).toEqual([
      'global INVITE 180',
      'global INVITE 200',
      'global OPTIONS 180',
      'global OPTIONS 200',
      'global BYE 200',
    ])
  })

  test('runs before the named one, which sees its edits; both leave', async () => {
    const { net, phone } = await network(replyRoutes, reject(486, { Server: 'carrier' }))
    const call = await phone.invite(dial('named'))
    expect(call).toBeAnsweredWith(486)
    expect(logged(net, 'info')).toEqual(['global INVITE 486', 'named 486 after global'])
    expect(['X-Seen', 'Server'].map((name) => header(call.final!.toWire(), name))).toEqual(['named', undefined])
  })

  test('does not see what is made here', async () => {
    const { net, phone } = await network(replyRoutes, silent())
    const call = await phone.invite(dial('named'))
    expect(call).toBeAnsweredWith(408)
    expect(await phone.invite(dial('answers'))).toBeAnsweredWith(486)
    expect(logged(net, 'info')).toEqual([])
  })

  test('drop keeps a provisional reply from the caller', async () => {
    const { phone } = await network(replyRoutes, (incoming) => {
      incoming.answer(180)
      incoming.answer(183)
      incoming.answer(200)
    })
    expect((await phone.invite(dial('quiet'))).statuses).toEqual([100, 183, 200])
  })

  test('RFC 3261 §16.7 step 5: drop of a final reply is refused', async () => {
    const { net, phone } = await network(replyRoutes, answer())
    expect((await phone.invite(dial('stubborn'))).statuses).toEqual([100, 200])
    expect(logged(net, 'warn')).toEqual(['a 200 cannot be dropped: only a provisional reply that is not reliable can'])
  })

  test('RFC 3262 §3: drop of a reliable provisional is refused: the caller has to acknowledge it', async () => {
    const { net, phone } = await network(replyRoutes, (incoming) => {
      incoming.answer(183, { Require: '100rel', RSeq: '1' })
      incoming.answer(486)
    })
    const call = await phone.invite(dial('stubborn'))
    expect(call.statuses).toEqual([100, 183, 486])
    expect(header(call.responses[1]!.toWire(), 'RSeq')).toBe('1')
    expect(logged(net, 'warn')).toHaveLength(2)
  })

  test('that throws lets the reply go as it stands, and the log has the line', async () => {
    const { net, phone } = await network(replyRoutes, reject(486))
    const call = await phone.invite(dial('throws'))
    expect(call).toBeAnsweredWith(486)
    expect(header(call.final!.toWire(), 'X-Seen')).toBe('edited')
    expect(logged(net, 'error')).toEqual([expect.stringContaining(place(replyRoutes, '// in onReply'))])
  })

  test('that awaits holds the replies behind it: they go upstream in the order they came', async () => {
    const { net, phone } = await network(replyRoutes, (incoming) => {
      incoming.answer(183)
      incoming.answer(180)
      incoming.answer(200)
    })
    const call = phone.dial(dial('slow'))
    await net.advance(100)
    expect(call.statuses).toEqual([100])
    await goOn(net)
    expect(call.statuses.slice(0, 4)).toEqual([100, 183, 180, 200])
    await net.advance('1s')
    expect((await call.bye()).status).toBe(200)
  })

  test('that awaits holds those of other branches too, a 2xx among them', async () => {
    const { net, phone, sent } = await network(replyRoutes, ringing(), answer({ ring: false }))
    const call = phone.dial(dial('slow-fork'))
    await net.advance(100)
    expect([call.statuses, sent('CANCEL')]).toEqual([[100], [0, 0, 0]])
    await goOn(net)
    expect([call.statuses, sent('CANCEL')]).toEqual([
      [100, 180, 200],
      [1, 0, 0],
    ])
    await net.advance('1s')
  })

  test('RFC 3261 §16.10: that awaits while the caller cancels: the 487 waits for nobody', async () => {
    const { net, phone, sent } = await network(replyRoutes, ringing())
    const call = phone.dial(dial('slow'))
    await net.advance(100)
    call.cancel()
    await net.advance(10)
    expect(call.statuses).toEqual([100, 487])
    expect(sent('CANCEL')).toEqual([1, 0, 0])
    await goOn(net)
    expect(call.statuses).toEqual([100, 487])
    expect(logged(net, 'info')).toEqual(['global INVITE 180', 'goes on', 'global INVITE 487'])
  })

  test('RFC 3261 §16.10: has its say on the 487 of a call that was cancelled', async () => {
    const { net, phone } = await network(replyRoutes, ringing())
    const call = phone.dial(dial('named'))
    await net.advance(100)
    call.cancel()
    await net.until(call.answered)
    expect(call.statuses).toEqual([100, 180, 487])
    expect(header(call.final!.toWire(), 'X-Seen')).toBe('named')
  })

  test('RFC 3261 §16.10: that awaits with a failure while the caller cancels: 487 at once', async () => {
    const { net, phone } = await network(replyRoutes, reject(486))
    const call = phone.dial(dial('slow'))
    await net.advance(100)
    call.cancel()
    await net.advance(10)
    expect(call.statuses).toEqual([100, 487])
    await goOn(net)
    expect(call.statuses).toEqual([100, 487])
  })

  test('RFC 3261 §9.1: that awaits with a 200 while the caller cancels: the call stands', async () => {
    const { net, phone, sent } = await network(replyRoutes, answer({ ring: false }))
    const call = phone.dial(dial('slow'))
    await net.advance(100)
    call.cancel()
    await net.advance(10)
    expect(call.statuses).toEqual([100])
    await goOn(net)
    expect(call.statuses).toEqual([100, 200])
    expect(sent('CANCEL')).toEqual([0, 0, 0])
    expect((await call.bye()).status).toBe(200)
  })
})

describe('RFC 3261 §22.2: onBranchFailure answers a challenge', () => {
  const one = challenge({ realm: 'one', username: 'u1', password: 'p1', next: ringing() })
  const two = challenge({ realm: 'two', username: 'u2', password: 'p2', status: 401, next: answer({ after: '2s' }) })

  test('a retry without an answer leaves without one, and its ACK too', async () => {
    const challenges = reject(407, { 'Proxy-Authenticate': 'Digest realm="one", nonce="n"' })
    const { net, phone } = await network(branchRoutes, inTurn(challenges, reject(500), answer()))
    expect(await phone.invite(dial('answers-once'))).toBeAnsweredWith(200)
    await net.advance('1s')
    const isAnswered = (wire: string): boolean => wire.includes('Proxy-Authorization')
    expect(invites(net, CARRIER).map(isAnswered)).toEqual([false, true, false])
    expect(sentTo(net, CARRIER, 'ACK ').map(isAnswered)).toEqual([false, false, false])
  })

  test('of two carriers each gets its own answer at once, and none of the other’s', async () => {
    const { net, phone, sent } = await network(branchRoutes, one, two)
    const call = await phone.invite(dial('challenged'))
    expect(call.statuses).toEqual([100, 180, 180, 200])
    await net.advance('1s')
    expect([sent('INVITE'), sent('CANCEL')]).toEqual([
      [2, 2, 0],
      [1, 0, 0],
    ])
    const [first, second] = [CARRIER, SECOND].map((carrier) => invites(net, carrier)[1]!)
    expect(first!.match(/^(?:Proxy-)?Authorization: Digest username="\w+", realm="\w+"/gm)).toEqual([
      'Proxy-Authorization: Digest username="u1", realm="one"',
    ])
    expect(second!.match(/^(?:Proxy-)?Authorization: Digest username="\w+", realm="\w+"/gm)).toEqual([
      'Authorization: Digest username="u2", realm="two"',
    ])
    expect([first!, second!].map(cseq)).toEqual([2, 2])
    expect((await call.bye()).status).toBe(200)
    expect(sentTo(net, SECOND, 'BYE ').map(cseq)).toEqual([3])
    expect(logged(net, 'info')).toEqual(['407 → true', '401 → true'])
  })

  test('one that is refused counts, the other goes on', async () => {
    const wrong = challenge({ realm: 'one', username: 'u1', password: 'changed' })
    const { net, phone, sent } = await network(branchRoutes, wrong, two)
    expect(await phone.invite(dial('challenged'))).toBeAnsweredWith(200)
    expect(sent('INVITE')).toEqual([2, 2, 0])
    expect(logged(net, 'info')).toContain('uac.auth: the credentials of "u1" were rejected')
  })

  test('one without credentials is a 407 to the caller when the others fail too', async () => {
    const unknown = challenge({ realm: 'elsewhere', username: 'x', password: 'x' })
    const { net, phone } = await network(branchRoutes, unknown, reject(486))
    const call = await phone.invite(dial('challenged'))
    expect(call).toBeAnsweredWith(407)
    expect(header(call.final!.toWire(), 'CSeq')).toBe('1 INVITE')
    expect(logged(net, 'info')).toContain('407 of 407,486')
  })

  test('RFC 3261 §9.1: the CANCEL follows the retry: its branch and its CSeq', async () => {
    const { net, phone } = await network(branchRoutes, one, silent())
    const call = phone.dial(dial('challenged'))
    await net.advance('1s')
    call.cancel()
    await net.advance('1s')
    const [, retry] = invites(net, CARRIER)
    const [cancel] = sentTo(net, CARRIER, 'CANCEL ')
    expect([branch(cancel!), cseq(cancel!)]).toEqual([branch(retry!), 2])
    await net.until(call.answered)
    expect(call).toBeAnsweredWith(487)
  })

  test('credentials of a failure route leave with the host that asked, not with a fork to others', async () => {
    const carrier = challenge({ realm: 'carrier', username: 'test', password: 'test' })
    const { net, phone } = await network(branchRoutes, carrier, answer(), ringing())
    expect(await phone.invite(dial('answers-then-forks'))).toBeAnsweredWith(200)
    for (const host of [SECOND, THIRD]) expect(invites(net, host)[0]).not.toMatch(/^(Proxy-)?Authorization:/im)
  })
})

describe('RFC 3261 §16.7: onBranchFailure', () => {
  test('sends to another target in its place while the others go on', async () => {
    const { net, phone, sent } = await network(branchRoutes, reject(503), ringing(), answer({ after: '1s' }))
    const call = await phone.invite(dial('elsewhere'))
    expect(call).toBeAnsweredWith(200)
    await net.advance('1s')
    expect([sent('INVITE'), sent('CANCEL')]).toEqual([
      [1, 1, 1],
      [0, 1, 0],
    ])
    expect(header(invites(net, THIRD)[0]!, 'X-After')).toBe('503')
    expect(logged(net, 'info')).toEqual(['failed: 503'])
  })

  test('the one in its place is bare: its failure counts', async () => {
    const { net, phone, sent } = await network(branchRoutes, reject(503), reject(486), reject(404))
    expect(await phone.invite(dial('elsewhere'))).toBeAnsweredWith(404)
    expect(sent('INVITE')).toEqual([1, 1, 2])
    expect(logged(net, 'info')).toEqual(['failed: 503', 'failed: 486', '404 of 404,404'])
  })

  test('sends the branch once more as it was', async () => {
    const { net, phone } = await network(branchRoutes, reject(480))
    expect(await phone.invite(dial('as-it-was'))).toBeAnsweredWith(480)
    const sent = invites(net, CARRIER)
    expect([sent.map(cseq), new Set(sent.map(branch)).size]).toEqual([[1, 1, 1], 3])
    expect(logged(net, 'info')).toEqual(['failed: 480', 'failed: 480', 'failed: 480', '480 of 480'])
  })

  test('that sends again for ever is stopped after twelve runs', async () => {
    const { net, phone } = await network(branchRoutes, reject(480))
    expect(await phone.invite(dial('for-ever'))).toBeAnsweredWith(480)
    expect(invites(net, CARRIER)).toHaveLength(13)
  })

  test('refuses a list: in the place of one branch goes one target', async () => {
    const { net, phone, sent } = await network(branchRoutes, reject(486), answer(), answer())
    expect(await phone.invite(dial('a-list'))).toBeAnsweredWith(486)
    expect(sent('INVITE')).toEqual([1, 0, 0])
    expect(logged(net, 'error')).toEqual([expect.stringContaining(place(branchRoutes, '// a list'))])
  })

  test('may name the failure route that decides in the end', async () => {
    const { net, phone } = await network(branchRoutes, reject(486), reject(404))
    expect(await phone.invite(dial('rearms'))).toBeAnsweredWith(404)
    expect(logged(net, 'info')).toEqual(['404 of 404'])
  })

  test('that throws lets the answer count, and the log has the line', async () => {
    const { net, phone } = await network(branchRoutes, reject(486), reject(404))
    expect(await phone.invite(dial('throws-failed'))).toBeAnsweredWith(486)
    const errors = logged(net, 'error')
    expect(errors).toHaveLength(2)
    for (const error of errors) expect(error).toContain(place(branchRoutes, '// in onBranchFailure'))
    expect(logged(net, 'info')).toEqual(['486 of 486,404'])
  })

  test('RFC 3261 §16.8: sees a branch that timed out, as local', async () => {
    const { net, phone, sent } = await network(branchRoutes, silent(), ringing(), ringing())
    const call = phone.dial(dial('elsewhere'))
    await net.advance('33s')
    expect(logged(net, 'info')).toEqual(['failed: 408 local'])
    expect(sent('INVITE')).toEqual([7, 1, 1])
    call.cancel()
    await net.until(call.answered)
    expect(call).toBeAnsweredWith(487)
  })

  test('RFC 3261 §16.10: that awaits while the caller cancels: 487 at once, and its relay does nothing', async () => {
    const { net, phone, sent } = await network(branchRoutes, reject(486), ringing(), answer())
    const call = phone.dial(dial('thinks'))
    await net.advance('1s')
    call.cancel()
    await net.advance(10)
    expect(call).toBeAnsweredWith(487)
    await goOn(net)
    expect(sent('INVITE')).toEqual([1, 1, 0])
    expect(logged(net, 'info')).toEqual(['thinks about 486', '487 of 487,487', 'aborted: true'])
  })

  test('RFC 3261 §16.7 step 5: that awaits while another branch wins: its relay does nothing', async () => {
    const { net, phone, sent } = await network(branchRoutes, reject(486), answer({ after: '1s' }), answer())
    const call = await phone.invite(dial('thinks'))
    expect(call).toBeAnsweredWith(200)
    await goOn(net)
    expect(sent('INVITE')).toEqual([1, 1, 0])
    expect(call.statuses).toEqual([100, 180, 200])
  })

  test('RFC 3261 §16.7 step 5: that awaits while another branch is told 6xx: its relay does nothing', async () => {
    const { net, phone, sent } = await network(branchRoutes, reject(486), reject(603), answer())
    const call = phone.dial(dial('thinks'))
    await net.advance('1s')
    expect(call.statuses).toEqual([100])
    await goOn(net)
    expect(call).toBeAnsweredWith(603)
    expect(sent('INVITE')).toEqual([1, 1, 0])
    expect(logged(net, 'info')).toEqual(['thinks about 486', 'aborted: false', '603 of 486,603'])
  })

  test('RFC 3261 §16.8: that awaits with a timeout is not asked again when the 487 comes', async () => {
    const { net, phone } = await network(branchRoutes, ringing(), answer({ after: '10s', status: 486, ring: true }))
    const call = phone.dial(dial('hurries'))
    await net.advance('4s')
    expect(logged(net, 'info')).toEqual(['thinks about 408 local', 'thinks about 408 local'])
    call.cancel()
    await net.advance(10)
    expect(call).toBeAnsweredWith(487)
    await goOn(net)
    expect(logged(net, 'info').slice(2)).toEqual(['487 of 487 local,487 local', 'aborted: true', 'aborted: true'])
  })
})
