/** What a handler does and leaves undone: the first action wins, mistakes cost one call and are named with their line. */
import { readFileSync } from 'node:fs'
import { answer, challenge, inTurn, reject, silent, simulate, type Behaviour } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { ask } from './behaviours.ts'
import { BOB, CARRIER, cseq, header, logged, PHONE, requestUri, SECOND, sentTo } from './wire.ts'

const routes = 'test/scenarios/routes/actions.ts'

async function network(carrier: Behaviour = answer(), file = routes) {
  const net = await simulate({ routes: file })
  net.uas(CARRIER, carrier)
  return { net, phone: net.uac(PHONE) }
}

const dial = (user: string): string => `sip:${user}@127.0.0.1:5080`

/** `file:line:` of the line of the fixture that holds this text. */
function place(text: string): string {
  const line =
    readFileSync(routes, 'utf8')
      .split('\n')
      .findIndex((each) => each.includes(text)) + 1
  expect(line).toBeGreaterThan(0)
  return `${routes}:${line}:`
}

describe('RFC 3261 §16.6: the first final action wins', () => {
  test('the second does nothing and is logged with both lines', async () => {
    const { net, phone } = await network()
    const call = await phone.invite(dial('twice'))
    expect(call.statuses).toEqual([100, 180, 200])
    const [warning, ...more] = logged(net, 'warn')
    expect(more).toEqual([])
    expect(warning).toContain(place('// the second of two'))
    expect(warning).toContain('reply(403) does nothing: relay at ' + place('// the first of two'))
  })

  test('across awaits too: every later one does nothing, and each is logged', async () => {
    const { net, phone } = await network()
    const call = await phone.invite(dial('twice-across-await'))
    expect(call.statuses).toEqual([100, 180, 200])
    expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(1)
    const first = 'does nothing: relay at ' + place('// the first of many')
    expect(logged(net, 'warn')).toEqual(
      ['reply(403)', 'redirect', 'fork', 'drop'].map((what) => expect.stringContaining(`${what} ${first}`)),
    )
  })

  test.each([
    ['answered', 200, 'done, aborted: false'],
    ['cancelled', 487, 'done, aborted: true'],
  ])('`done` says when the call is %s', async (how, status, line) => {
    const { net, phone } = await network(answer({ after: '5s' }))
    const call = phone.dial(dial('waits-for-the-end'))
    await net.advance('1s')
    expect(logged(net, 'info')).toEqual([])
    if (how === 'cancelled') call.cancel()
    await net.until(call.answered)
    await net.advance(1)
    expect(call).toBeAnsweredWith(status)
    expect(logged(net, 'info')).toEqual([line])
  })

  test('RFC 3261 §16.7 step 5: a 1xx is not final', async () => {
    const { net, phone } = await network()
    const call = await phone.invite(dial('rings'))
    expect(call.statuses).toEqual([100, 183, 180, 200])
    expect(net.log).toEqual([])
  })

  test('a throw after it is logged and changes nothing', async () => {
    const { net, phone } = await network()
    expect(await phone.invite(dial('throws-later'))).toBeAnsweredWith(200)
    const [error, ...more] = logged(net, 'error')
    expect(more).toEqual([])
    expect(error).toContain('onRequest threw, after relay at ' + place('// then it throws'))
    expect(error).toContain(place('// after an action'))
  })
})

describe('RFC 3261 §21.5.1: 500', () => {
  test.each([
    { user: 'throws', line: '// before an action' },
    { user: 'awaits-and-throws', line: '// after an await' },
  ])('for a handler that $user, with its line in the log', async ({ user, line }) => {
    const { net, phone } = await network()
    expect(await phone.invite(dial(user))).toBeAnsweredWith(500)
    const [error, ...more] = logged(net, 'error')
    expect(more).toEqual([])
    expect(error).toContain('onRequest threw: Error: thrown')
    expect(error).toContain(place(line))
  })

  test('for one call; another one in flight is unharmed', async () => {
    const { net, phone } = await network(answer({ after: '5s' }))
    const other = phone.dial(dial('plain'))
    await net.advance('1s')
    expect(await phone.invite(dial('throws'))).toBeAnsweredWith(500)
    await net.until(other.answered)
    expect(other).toBeAnsweredWith(200)
  })

  test('for a handler that ends without an action, with a warning that says where', async () => {
    const { net, phone } = await network()
    expect(await phone.invite(dial('nothing'))).toBeAnsweredWith(500)
    expect(logged(net, 'warn')).toEqual([
      expect.stringMatching(`^${place('onRequest((call)')}\\d+ onRequest ended without an action: answered 500$`),
    ])
  })

  test('for a failure route that nothing has, and its name is logged', async () => {
    const { net, phone } = await network()
    expect(await phone.invite(dial('misspells'))).toBeAnsweredWith(500)
    expect(sentTo(net, CARRIER, '')).toEqual([])
    const [error] = logged(net, 'error')
    expect(error).toMatch(/no onFailure is named 'MISSPELT': there is 'LOOP'/)
    expect(error).toContain(place('// no such route'))
  })

  test('not for a handler that catches its mistake: nothing was done yet', async () => {
    const { net, phone } = await network()
    expect(await phone.invite(dial('misspells-and-goes-on'))).toBeAnsweredWith(480)
    expect(net.log.map(({ level, message }) => `${level} ${message}`)).toEqual(['info NO_ROUTE'])
  })

  test('not for a failure route that throws: the received answer goes upstream', async () => {
    const { net, phone } = await network(reject(486))
    expect(await phone.invite(dial('throws-in-failure'))).toBeAnsweredWith(486)
    expect(logged(net, 'error')).toEqual([expect.stringContaining(`onFailure 'THROWS' threw`)])
  })
})

describe('RFC 3261 §8.2.6: answers made by a route', () => {
  test('carry its reason, headers and body', async () => {
    const { phone } = await network()
    const call = await phone.invite(dial('refuses'))
    const wire = call.final!.toWire()
    expect(wire.split('\r\n', 1)).toEqual(['SIP/2.0 403 No trunk'])
    expect(wire.match(/^X-Why: .*$/gm)).toEqual(['X-Why: a', 'X-Why: b'])
    expect(header(wire, 'Content-Length')).toBe('7')
    expect(Buffer.from(call.final!.body, 'latin1').toString()).toBe('größe')
  })

  test('drop makes none, and absorbs what comes again', async () => {
    const { net, phone } = await network()
    const call = phone.dial(dial('drops'))
    await net.advance('40s')
    expect(call.statuses).toEqual([100])
    expect(sentTo(net, CARRIER, '')).toEqual([])
    const other = phone.dial(dial('drops'), { method: 'MESSAGE' })
    await net.until(other.answered)
    expect(other.statuses).toEqual([])
  })
})

test('RFC 3261 §16.6: after an await the handler goes on where it stopped, in its own call', async () => {
  const { net, phone } = await network()
  const calls = [phone.dial(dial('awaits')), phone.dial(dial('awaits'))]
  for (const call of calls) await net.until(call.answered)
  expect(calls.map(({ status }) => status)).toEqual([200, 200])
  const invites = sentTo(net, CARRIER, 'INVITE ')
  expect(invites.map((wire) => header(wire, 'X-Call'))).toEqual(calls.map(({ callId }) => callId))
})

describe('RFC 3261 §7.3: edits', () => {
  test('are read back at once and are what the carrier gets', async () => {
    const { net, phone } = await network()
    await phone.invite(dial('edits'), { headers: { 'X-Old': '1', Subject: 'none', s: 'compact' } })
    expect(logged(net, 'info')).toEqual(['0049,two,a,größe,false'])
    const invite = sentTo(net, CARRIER, 'INVITE ')[0]!
    expect(requestUri(invite)).toBe('sip:0049@127.0.0.1:5080')
    expect(invite.match(/^(Subject|s|X-\w+):.*$/gim)).toEqual([
      'Subject: two',
      'X-New: a',
      `X-New: ${Buffer.from('größe').toString('latin1')}`,
    ])
  })

  test('that would break the message are refused with the line, and the call is answered 500', async () => {
    const { net, phone } = await network()
    expect(await phone.invite(dial('injects'))).toBeAnsweredWith(500)
    expect(sentTo(net, CARRIER, '')).toEqual([])
    const [error] = logged(net, 'error')
    expect(error).toContain('SignalboxError: the value of X-Bad would break the message')
    expect(error).toContain(place('// refused'))
  })

  test('that are refused leave the message as it was', async () => {
    const { net, phone } = await network()
    await phone.invite(dial('injects-and-goes-on'), { headers: { Subject: 'mine' } })
    expect(logged(net, 'info')).toEqual(['BAD_HEADER', 'BAD_HEADER', 'CORE_HEADER', 'BAD_URI'])
    const invite = sentTo(net, CARRIER, 'INVITE ')[0]!
    expect(invite).not.toMatch(/evil/i)
    expect(header(invite, 'Subject')).toBe('mine')
  })

  test('RFC 3261 §22.2: of onRequest and of the failure route leave with the authenticated retry', async () => {
    const { net, phone } = await network(challenge({ realm: 'carrier', username: 'test', password: 'test' }))
    expect(await phone.invite(dial('challenged'))).toBeAnsweredWith(200)
    const [first, second] = sentTo(net, CARRIER, 'INVITE ')
    expect([requestUri(second!), header(second!, 'X-Trunk')]).toEqual(['sip:0049@carrier.example', 'one'])
    expect([header(first!, 'X-Try'), header(second!, 'X-Try')]).toEqual([undefined, 'two'])
  })
})

describe('RFC 3261 §16.7: a list is tried in order', () => {
  const list = 'test/scenarios/routes/list.ts'

  test('503 from the first: the second', async () => {
    const { net, phone } = await network(reject(503), list)
    net.uas(SECOND, answer())
    expect((await phone.invite(BOB)).statuses).toEqual([100, 180, 200])
    expect(sentTo(net, SECOND, 'INVITE ').map(cseq)).toEqual([1])
    expect(logged(net, 'info')).toEqual([])
  })

  test('600 from the first: nobody else is asked', async () => {
    const { net, phone } = await network(reject(600), list)
    net.uas(SECOND, answer())
    expect(await phone.invite(BOB)).toBeAnsweredWith(600)
    expect(sentTo(net, SECOND, '')).toEqual([])
    expect(logged(net, 'info')).toEqual(['failed: 600'])
  })

  test('step 6: when all have failed the failure route gets the best answer', async () => {
    const { net, phone } = await network(reject(404), list)
    net.uas(SECOND, reject(503))
    expect(await phone.invite(BOB)).toBeAnsweredWith(404)
    expect(logged(net, 'info')).toEqual(['failed: 404'])
  })

  test('step 6: a 503 is no answer to hand on when there is another', async () => {
    const { net, phone } = await network(reject(503), list)
    net.uas(SECOND, reject(504))
    expect(await phone.invite(BOB)).toBeAnsweredWith(504)
    expect(logged(net, 'info')).toEqual(['failed: 504'])
  })

  test('step 6: a 503 and nothing else is a 500 to the caller', async () => {
    const { net, phone } = await network(reject(503), list)
    net.uas(SECOND, reject(503))
    expect(await phone.invite(BOB)).toBeAnsweredWith(500)
    expect(logged(net, 'info')).toEqual(['failed: 503'])
  })
})

describe('RFC 3261 §16.7: failure routes', () => {
  test('that send again for ever are stopped after twelve runs', async () => {
    const { net, phone } = await network(reject(486))
    expect(await phone.invite(dial('loops'))).toBeAnsweredWith(486)
    expect(logged(net, 'info')).toHaveLength(12)
    expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(13)
  })

  test('and timeouts that the authenticated retry names replace those it had', async () => {
    const { net, phone } = await network(inTurn(ask('nonce="1"'), silent()))
    const call = phone.dial(dial('rearms'))
    await net.advance('2s')
    expect(call.final!.toWire().split('\r\n', 1)).toEqual(['SIP/2.0 480 after 408'])
    expect(sentTo(net, CARRIER, 'INVITE ').map(cseq)).toEqual([1, 2, 2, 2])
  })
})
