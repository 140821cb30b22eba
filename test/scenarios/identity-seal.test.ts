/** What the Record-Route parameter tells whom: nobody but us, and us only what we wrote ourselves. */
import { answer } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import {
  ALICE,
  BATMAN,
  identityNet,
  names,
  namesOf,
  replacedCall,
  ROBIN,
  sealOf,
  TO_BOB,
  withRoute,
} from './identities.ts'
import { BOB, CARRIER, header, logged, PHONE, sentTo } from './wire.ts'

const AS_ROBIN = 'Robin <sip:robin@gotham.org>'
const AS_BATMAN = '"The \\"Bat\\"" <sip:batman@gotham.org;user=phone>'

describe('Case 40: the callee cannot read it', () => {
  test('nothing of the caller in what reaches the callee, in no encoding, nor its length', async () => {
    const { net, phone, invite } = await identityNet({ from: ROBIN })
    for (const caller of [ALICE, '"Al" <sip:al@wonderland.example>'])
      await phone.invite(BOB, { ...invite, from: caller })
    const invites = sentTo(net, CARRIER, 'INVITE ')
    const seals = invites.map((wire) => sealOf(wire)!)
    expect(seals[0]!.length).toBe(seals[1]!.length)
    for (const [i, wire] of invites.entries()) {
      const bytes = Buffer.from(seals[i]!.slice(2), 'base64url')
      const known = xor(bytes, AS_ROBIN)
      for (const text of [wire, bytes.toString('latin1'), known]) expect(text).not.toMatch(/wonderland|liddell|alice/i)
    }
  })

  test('two calls alike are sealed differently', async () => {
    const { net, phone, invite } = await identityNet({ from: ROBIN })
    for (let i = 0; i < 2; i++) await phone.invite(BOB, invite)
    const [one, two] = sentTo(net, CARRIER, 'INVITE ').map((wire) => sealOf(wire)!.slice(2, 18))
    expect(one).not.toBe(two)
  })

  test('nor have it opened by us, in a request that comes back to it', async () => {
    const { net, callee } = await replacedCall({ from: ROBIN })
    for (const dialog of [
      callee.with({ target: `sip:me@${CARRIER}` }),
      callee.with({ routes: [...callee.routes, `<sip:${CARRIER};lr>`] }),
    ]) {
      await dialog.request('INFO')
      expect(namesOf(net, CARRIER, 'INFO ')).toEqual([TO_BOB, AS_ROBIN])
    }
    expect(net.stack.counters.proxy.get('identity_astray')).toBe(2)
    expect(JSON.stringify(sentTo(net, CARRIER, ''))).not.toContain('wonderland')
  })
})

describe('Case 40: nor by another way to itself', () => {
  test('RFC 3261 §19.1.1: a maddr beside the address of the caller', async () => {
    const { net, callee } = await replacedCall({ from: ROBIN })
    const own = net.uac('127.0.0.2:15060')
    await callee.with({ target: `sip:${PHONE};maddr=127.0.0.2` }).request('INFO')
    expect(namesOf(net, own.address, 'INFO ')).toEqual([TO_BOB, AS_ROBIN])
  })

  test('RFC 3261 §19.1.1: the caller’s own maddr is where he is', async () => {
    const { net, phone, invite, carrier } = await identityNet({ from: ROBIN })
    const contact = '<sip:alice@wonderland.example:15060;maddr=127.0.0.1>'
    await phone.invite(BOB, { ...invite, headers: { ...invite.headers, Contact: contact } })
    await carrier.dialogs[0]!.request('BYE')
    expect(namesOf(net, PHONE, 'BYE ')).toEqual([TO_BOB, ALICE])
  })

  test('an answer to what an earlier process sent, with a Via of its own below ours', async () => {
    const { net } = await replacedCall({ from: ROBIN, to: BATMAN })
    const own = net.uac('127.0.0.1:15099')
    const invite = sentTo(net, CARRIER, 'INVITE ')[0]!
    const via = `SIP/2.0/UDP ${own.address};branch=z9hG4bKown`
    net.restart()
    const answered = ['Record-Route', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${header(invite, name)}`)
    const lines = ['SIP/2.0 200 OK', `Via: ${header(invite, 'Via')}`, `Via: ${via}`, ...answered, 'Content-Length: 0']
    net.network.put({ from: CARRIER, to: net.proxyAddress, wire: [...lines, '', ''].join('\r\n') })
    await net.advance('1s')
    expect(namesOf(net, own.address, 'SIP/2.0 200')).toEqual([AS_ROBIN, AS_BATMAN])
    expect(net.stack.counters.proxy.get('identity_astray')).toBe(1)
  })
})

describe('Case 40: one flipped character', () => {
  test('at any place: the header is left alone, the request routed, an event counted and logged without the value', async () => {
    const { net, callee, call } = await replacedCall({ from: ROBIN })
    const seal = sealOf(sentTo(net, CARRIER, 'INVITE ')[0]!)!
    let unreadable = 0
    for (let i = 0; i < seal.length; i++) {
      const flipped = seal.slice(0, i) + (seal[i] === 'A' ? 'B' : 'A') + seal.slice(i + 1)
      const forged = withRoute(callee, (route) => route.replace(seal, flipped))
      expect((await forged.with({ cseq: 200 + i }).request('INFO')).status).toBe(200)
      expect([i, ...namesOf(net, PHONE, 'INFO ')]).toEqual([i, TO_BOB, AS_ROBIN])
      expect(net.stack.counters.proxy.get('identity_unreadable')).toBe(++unreadable)
    }
    const warnings = logged(net, 'warn')
    expect(warnings).toHaveLength(seal.length)
    expect(warnings.join()).not.toMatch(/~1|wonderland|gotham/)
    expect(net.log.filter(({ level }) => level === 'warn').every(({ callId }) => callId === call.callId)).toBe(true)
  })

  test.each([
    { what: 'shortened', change: (seal: string) => seal.slice(0, -4) },
    { what: 'lengthened', change: (seal: string) => `${seal}AAAA` },
    { what: 'empty', change: () => '' },
    { what: 'the mark alone', change: () => '~1' },
    { what: 'some text', change: () => 'alice.example.com' },
    { what: 'escaped nonsense', change: () => '%00%0D%0A' },
  ])('$what', async ({ change }) => {
    const { net, callee } = await replacedCall({ from: ROBIN })
    const seal = sealOf(sentTo(net, CARRIER, 'INVITE ')[0]!)!
    expect((await withRoute(callee, (route) => route.replace(seal, change(seal))).request('INFO')).status).toBe(200)
    expect(namesOf(net, PHONE, 'INFO ')).toEqual([TO_BOB, AS_ROBIN])
    expect(net.stack.counters.proxy.get('identity_unreadable')).toBe(1)
  })

  test('one that cannot be read is told once for a message with two', async () => {
    const { net, callee } = await replacedCall({ from: ROBIN, to: BATMAN })
    await withRoute(callee, (route) => route.replaceAll('=~1', '=~2')).request('INFO')
    expect(namesOf(net, PHONE, 'INFO ')).toEqual([AS_BATMAN, AS_ROBIN])
    expect(logged(net, 'warn')).toHaveLength(1)
  })

  test.each([
    { what: 'another call', parts: { callId: 'another' } },
    { what: 'another caller', parts: { remote: '<sip:x@y>;tag=other' }, change: /;ftag=[^;]+/ },
  ])('of $what opens nothing', async ({ parts, change = '' }) => {
    const { net, callee } = await replacedCall({ from: ROBIN })
    const forged = withRoute(callee.with(parts), (route) => route.replace(change, change && ';ftag=other'))
    await forged.request('INFO')
    expect(namesOf(net, PHONE, 'INFO ')[1]).not.toContain('wonderland')
    expect(net.stack.counters.proxy.get('identity_unreadable')).toBe(1)
  })

  test('one header’s parameter in the place of the other’s', async () => {
    const { net, callee } = await replacedCall({ from: ROBIN, to: BATMAN })
    const swapped = withRoute(callee, (route) => route.replace('vsf', 'x').replace('vst', 'vsf').replace('x=', 'vst='))
    await swapped.request('INFO')
    expect(namesOf(net, PHONE, 'INFO ')).toEqual([AS_BATMAN, AS_ROBIN])
  })
})

describe('Case 41: the peer alters From or To', () => {
  test.each(['<sip:ROBIN@gotham.org:5060>', 'sip:someone@else.example', '"x" <tel:+1>'])(
    '%s: the right one arrives all the same',
    async (altered) => {
      const { net, callee, call } = await replacedCall({ from: ROBIN, to: BATMAN })
      const parts = { remote: `${altered};tag=${call.request.fromTag};x=1` }
      await callee.with(parts).request('INFO')
      const info = sentTo(net, PHONE, 'INFO ')[0]!
      expect(names(info)).toEqual([TO_BOB, ALICE])
      expect(header(info, 'To')).toBe(`${ALICE};tag=${call.request.fromTag};x=1`)
      // And what comes back to the peer is what it wrote.
      expect(namesOf(net, CARRIER, 'SIP/2.0 200')[1]).toBe(altered)
    },
  )
})

describe('Case 48: a new start in mid-call', () => {
  test('the BYE is right in either direction', async () => {
    for (const by of ['caller', 'callee']) {
      const { net, call, callee } = await replacedCall({ from: ROBIN, to: BATMAN })
      net.restart()
      if (by === 'caller') await call.bye()
      else await callee.request('BYE')
      if (by === 'caller') expect(namesOf(net, CARRIER, 'BYE ')).toEqual([AS_ROBIN, AS_BATMAN])
      else expect(namesOf(net, PHONE, 'BYE ')).toEqual([TO_BOB, ALICE])
    }
  })

  test('while it rings: the answer that finds no transaction is restored, too', async () => {
    const carrier = answer({ ring: true, after: '2s' })
    const { net, phone, invite } = await identityNet({ from: ROBIN, to: BATMAN, carrier })
    const call = phone.dial(BOB, invite)
    await net.advance('1s')
    net.restart()
    await net.until(call.answered)
    expect(namesOf(net, '127.0.0.1:5080', 'SIP/2.0 200')).toEqual([AS_ROBIN, AS_BATMAN])
    expect([call.status, ...namesOf(net, PHONE, 'SIP/2.0 200')]).toEqual([200, ALICE, TO_BOB])
    expect((await call.bye()).status).toBe(200)
  })

  test('with a password of the config, on another node with the same one', async () => {
    const { net, callee } = await replacedCall({ from: ROBIN, options: { uac: { restorePassword: 'secret' } } })
    net.restart({ restorePassword: 'secret' })
    await callee.request('BYE')
    expect(namesOf(net, PHONE, 'BYE ')[1]).toBe(ALICE)
  })

  test('passwords rotate: the first writes, all read, one that is gone reads nothing', async () => {
    const { net, callee, phone, invite, carrier } = await (async () => {
      const made = await identityNet({ from: ROBIN, options: { uac: { restorePassword: 'old' } } })
      await made.phone.invite(BOB, made.invite)
      return { ...made, callee: made.carrier.dialogs[0]! }
    })()
    net.restart({ restorePassword: ['new', 'old'] })
    await callee.request('INFO')
    expect(namesOf(net, PHONE, 'INFO ')[1]).toBe(ALICE)
    await phone.invite(BOB, invite)
    net.restart({ restorePassword: 'new' })
    await carrier.dialogs[1]!.request('INFO')
    expect(namesOf(net, PHONE, 'INFO ')[1]).toBe(ALICE)
    await callee.request('INFO')
    expect(namesOf(net, PHONE, 'INFO ')[1]).toBe(AS_ROBIN)
    expect(net.stack.counters.proxy.get('identity_unreadable')).toBe(1)
  })
})

describe('Case 34: dialogs of a Kamailio', () => {
  const uac = { restoreFormat: 'kamailio' as const, restorePassword: 'secret' }
  const asked = { from: 'sip:robin@gotham.org', caller: '<sip:alice@wonderland.example.com:5070>' }
  const VECTOR = 'c2VjcnZ3eG9ocnV0aWlnbSd6b2ZNFx0VHhUPF0sXHAhZR1VDQw--'

  test('its form is written when the config asks for it, and read', async () => {
    const { net, call, callee } = await replacedCall({ ...asked, options: { uac } })
    expect(sealOf(sentTo(net, CARRIER, 'INVITE ')[0]!)).toBe(VECTOR)
    await call.send('INFO')
    expect(namesOf(net, CARRIER, 'INFO ')[0]).toBe('<sip:robin@gotham.org>')
    await callee.request('BYE')
    expect(namesOf(net, PHONE, 'BYE ')[1]).toBe(asked.caller)
  })

  test('it is read after the change to the sealed one, with the same password', async () => {
    const { net, callee } = await replacedCall({ ...asked, options: { uac } })
    net.restart({ restorePassword: ['another', 'secret'] })
    await callee.request('BYE')
    expect(namesOf(net, PHONE, 'BYE ')[1]).toBe(asked.caller)
  })

  test('a display name alone is not in it; replies are restored all the same', async () => {
    const { net } = await replacedCall({ from: { display: 'Robin' }, options: { uac } })
    expect(sealOf(sentTo(net, CARRIER, 'INVITE ')[0]!)).toBeUndefined()
    expect(namesOf(net, PHONE, 'SIP/2.0 200')[0]).toBe(ALICE)
  })

  test('a longer URI of the peer is no garbage: left alone, routed, counted', async () => {
    const { net, callee, call } = await replacedCall({ ...asked, options: { uac } })
    const altered = `<sip:robin@gotham.org:5060;transport=udp;and=more>`
    await callee.with({ remote: `${altered};tag=${call.request.fromTag}` }).request('BYE')
    expect(namesOf(net, PHONE, 'BYE ')[1]).toBe(altered)
    expect(net.stack.counters.proxy.get('identity_unreadable')).toBe(1)
  })
})

test('an opened seal is kept, and not for ever', async () => {
  const { net, call } = await replacedCall({ from: ROBIN })
  for (let i = 0; i < 3; i++) await call.send('INFO')
  expect(net.stack.proxy.identities.seal.size).toBe(1)
})

test.each(['sealed', 'kamailio'] as const)(
  'a double Record-Route that says the same twice is read once: %s',
  async (form) => {
    const { net, callee } = await replacedCall({ from: ROBIN.uri, options: { uac: { restoreFormat: form } } })
    const [route] = callee.routes
    await callee.with({ routes: [route!, route!] }).request('INFO')
    expect(namesOf(net, PHONE, 'INFO ')[1]).toContain('<sip:alice@wonderland.example>')
  },
)

function xor(bytes: Buffer, text: string): string {
  return Buffer.from(bytes.map((byte, i) => byte ^ (text.charCodeAt(i) || 0))).toString('latin1')
}
