/** What `uac.restoreMode` changes, and what is refused where it is set. */
import { describe, expect, test } from 'vitest'
import { ALICE, BATMAN, identityNet, names, namesOf, replacedCall, ROBIN, sealOf, TO_BOB } from './identities.ts'
import { BOB, CARRIER, header, logged, PHONE, sentTo } from './wire.ts'

const AS_ROBIN = 'Robin <sip:robin@gotham.org>'
const AS_BATMAN = '"The \\"Bat\\"" <sip:batman@gotham.org;user=phone>'

describe('Case 42: restoreMode none', () => {
  const options = { uac: { restoreMode: 'none' as const } }

  test('replies bring the caller the new values, and nothing is carried', async () => {
    const { net, call, callee } = await replacedCall({ from: ROBIN, to: BATMAN, options })
    expect(namesOf(net, PHONE, 'SIP/2.0 200')).toEqual([AS_ROBIN, AS_BATMAN])
    expect(header(sentTo(net, CARRIER, 'INVITE ')[0]!, 'Record-Route')).toBe('<sip:127.0.0.1:5080;lr>')
    await call.send('INFO', { headers: { 'X-Restore': '1' } })
    expect(namesOf(net, CARRIER, 'INFO ')).toEqual([ALICE, AS_BATMAN])
    await callee.request('BYE')
    expect(namesOf(net, PHONE, 'BYE ')).toEqual([AS_BATMAN, AS_ROBIN])
    expect(logged(net, 'info')).toEqual(['restored: false false'])
  })

  test('a dialog that was made in mode auto is left alone', async () => {
    const { net, callee } = await replacedCall({ from: ROBIN })
    net.restart({ restoreMode: 'none' })
    await callee.request('BYE')
    expect(namesOf(net, PHONE, 'BYE ')[1]).toBe(AS_ROBIN)
  })
})

describe('Case 42: restoreMode manual', () => {
  const options = { uac: { restoreMode: 'manual' as const } }

  test('replies are restored, requests within the dialog are not', async () => {
    const { net, call, callee } = await replacedCall({ from: ROBIN, to: BATMAN, options })
    expect(namesOf(net, PHONE, 'SIP/2.0 200')).toEqual([ALICE, TO_BOB])
    await call.send('INFO')
    expect(namesOf(net, CARRIER, 'INFO ')).toEqual([ALICE, TO_BOB])
    await callee.request('BYE')
    expect(namesOf(net, PHONE, 'BYE ')).toEqual([AS_BATMAN, AS_ROBIN])
  })

  test('unless the route restores them, in both directions, replies then too', async () => {
    const { net, call, callee } = await replacedCall({ from: ROBIN, to: BATMAN, options })
    const headers = { 'X-Restore': '1' }
    const down = await call.send('INFO', { headers })
    expect(namesOf(net, CARRIER, 'INFO ')).toEqual([AS_ROBIN, AS_BATMAN])
    expect(names(down.message!.toWire())).toEqual([ALICE, TO_BOB])
    const up = await callee.request('INFO', { headers })
    expect(namesOf(net, PHONE, 'INFO ')).toEqual([TO_BOB, ALICE])
    expect(names(up.message!.toWire())).toEqual([AS_BATMAN, AS_ROBIN])
    expect(logged(net, 'info')).toEqual(Array(2).fill('restored: true true'))
  })

  test('what cannot be restored says so', async () => {
    const { net, call } = await replacedCall({ from: ROBIN, options })
    await call.send('INFO', { headers: { 'X-Restore': '1' } })
    expect(logged(net, 'info')).toEqual(['restored: true false'])
  })

  test('a re-INVITE that is record-routed again carries what the INVITE carried', async () => {
    const { net, call } = await replacedCall({ from: ROBIN, options })
    await call.send('INVITE', { headers: { 'X-Record': '1' } })
    const [first, second] = sentTo(net, CARRIER, 'INVITE ').map((wire) => sealOf(wire))
    expect([second, first]).toEqual([first, expect.stringMatching(/^~1/)])
  })

  test('Case 45: a URI may be replaced within a dialog, as nothing else restores it', async () => {
    const { net, call } = await replacedCall({ options })
    await call.send('INFO', { headers: { 'X-From': JSON.stringify(ROBIN) } })
    expect(namesOf(net, CARRIER, 'INFO ')[0]).toBe(AS_ROBIN)
    expect(namesOf(net, PHONE, 'SIP/2.0 200')[0]).toBe(ALICE)
  })
})

describe('Case 45: restoreMode auto, within a dialog', () => {
  test('a URI is refused and nothing changes', async () => {
    const { net, call } = await replacedCall({ from: ROBIN })
    for (const name of ['X-From', 'X-To']) {
      const { status } = await call.send('INFO', { headers: { [name]: JSON.stringify(BATMAN) } })
      expect(status).toBe(200)
      expect(namesOf(net, CARRIER, 'INFO ')).toEqual([AS_ROBIN, TO_BOB])
    }
    expect(logged(net, 'info')).toEqual(Array(2).fill('refused: DIALOG_IDENTITY'))
  })

  test('a display name alone is put over what was restored', async () => {
    const { net, call } = await replacedCall({ from: ROBIN })
    const { message } = await call.send('INFO', { headers: { 'X-From': JSON.stringify({ display: 'Nightwing' }) } })
    expect(namesOf(net, CARRIER, 'INFO ')[0]).toBe('Nightwing <sip:robin@gotham.org>')
    expect(names(message!.toWire())[0]).toBe(ALICE)
  })

  test('restoreFrom says what has been done already', async () => {
    const { net, call } = await replacedCall({ from: ROBIN })
    await call.send('INFO', { headers: { 'X-Restore': '1' } })
    expect(namesOf(net, CARRIER, 'INFO ')[0]).toBe(AS_ROBIN)
    expect(logged(net, 'info')).toEqual(['restored: true false'])
  })
})

describe('Case 44: what would break the header is refused where it is set, nothing changed', () => {
  test.each([
    { from: 'not a uri', code: 'BAD_URI' },
    { from: 'sip:Emergency Alert', code: 'BAD_URI' },
    { from: 'sip:a@b\r\nX: y', code: 'BAD_URI' },
    { from: 'sip:a@b\0', code: 'BAD_URI' },
    { from: 'sip:a@b>;tag=x', code: 'BAD_URI' },
    { from: 7, code: 'BAD_URI' },
    { from: 'sip:a@b?Subject=x', code: 'BAD_URI' },
    { from: null, code: 'BAD_URI' },
    { from: { uri: 'alice' }, code: 'BAD_URI' },
    { from: { display: 'Robin', uri: 'sip:' }, code: 'BAD_URI' },
    { from: { display: 'a\r\nX: y', uri: 'sip:robin@gotham.org' }, code: 'BAD_HEADER' },
    { from: { display: 'a\0' }, code: 'BAD_HEADER' },
    { from: { display: 'a\n' }, code: 'BAD_HEADER' },
    { from: { display: 7 }, code: 'BAD_HEADER' },
    { from: { display: 'x'.repeat(1025) }, code: 'BAD_HEADER' },
    { from: `sip:${'x'.repeat(1024)}@b`, code: 'BAD_URI' },
  ])('$from', async ({ from, code }) => {
    const { net } = await replacedCall({ from })
    expect(logged(net, 'info')).toEqual([`refused: ${code}`])
    const invite = sentTo(net, CARRIER, 'INVITE ')[0]!
    expect([names(invite)[0], header(invite, 'Record-Route')]).toEqual([ALICE, '<sip:127.0.0.1:5080;lr>'])
  })

  test('thrown out of the route: 500, with file and line', async () => {
    const { net, phone } = await identityNet({ options: { routes: 'test/scenarios/routes/identity-refused.ts' } })
    expect(await phone.invite(BOB)).toBeAnsweredWith(500)
    const [error] = logged(net, 'error')
    expect(error).toMatch(/SignalboxError: not a URI: "sip:Emergency Alert"/)
    expect(error).toContain('test/scenarios/routes/identity-refused.ts:4:7')
  })
})

describe('Case 47: a long URI', () => {
  test('of 900 bytes works, both ways', async () => {
    const uri = `sip:${'x'.repeat(900)}@gotham.org`
    const { net, call, callee } = await replacedCall({ from: { display: 'Robin', uri } })
    await call.send('INFO')
    expect(namesOf(net, CARRIER, 'INFO ')[0]).toBe(`Robin <${uri}>`)
    await callee.request('BYE')
    expect(namesOf(net, PHONE, 'BYE ')[1]).toBe(ALICE)
  })

  test('a caller whose own From is too long to be carried: replaced, replies restored, told', async () => {
    const caller = `<sip:${'x'.repeat(5_000)}@wonderland.example>`
    const { net, callee } = await replacedCall({ from: ROBIN, caller })
    const invite = sentTo(net, CARRIER, 'INVITE ')[0]!
    expect([names(invite)[0], sealOf(invite)]).toEqual([AS_ROBIN, undefined])
    expect(namesOf(net, PHONE, 'SIP/2.0 200')[0]).toBe(caller)
    await callee.request('BYE')
    expect(namesOf(net, PHONE, 'BYE ')[1]).toBe(AS_ROBIN)
    expect(net.stack.counters.proxy.get('identity_too_long')).toBe(1)
  })
})

describe('restoreVars, Kamailio’s restore_*_avp', () => {
  const routes = 'test/scenarios/routes/identity-vars.ts'
  const options = { routes, uac: { restoreVars: { from: 'savedFrom', to: 'savedTo' } } }

  test('hold the originals once something was replaced', async () => {
    const { net } = await replacedCall({ options })
    expect(logged(net, 'info')).toEqual([`${ALICE} undefined`])
    expect(namesOf(net, PHONE, 'SIP/2.0 200')).toEqual([ALICE, TO_BOB])
  })

  test.each([
    { saved: 'Other <sip:other@example.com>', seen: 'Other <sip:other@example.com>' },
    { saved: 'sip:other@example.com;tag=no', seen: 'sip:other@example.com' },
    { saved: '', seen: ALICE },
    { saved: 'no address <', seen: ALICE },
  ])('replies say what stands in them, when it is an address: $saved', async ({ saved, seen }) => {
    const { net, phone, invite } = await identityNet({ options })
    const call = await phone.invite(BOB, { ...invite, headers: { 'X-Saved': saved } })
    expect(namesOf(net, PHONE, 'SIP/2.0 200')[0]).toBe(seen)
    expect(call.final!.fromTag).toBe(call.request.fromTag)
  })
})

test('Case 47: the longest that is carried comes back in one Route field and is taken', async () => {
  const from = { display: '', uri: `sip:${'x'.repeat(1_000)}@gotham.org` }
  const to = { display: '', uri: `sip:${'y'.repeat(1_000)}@gotham.org` }
  const { net, callee } = await replacedCall({ from, to })
  const [route] = callee.routes
  expect(route!.length).toBeGreaterThan(3_000)
  expect((await callee.with({ routes: [`${route}, ${route}`] }).request('BYE')).status).toBe(200)
  expect(namesOf(net, PHONE, 'BYE ')).toEqual([TO_BOB, ALICE])
})
