import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { H } from '../message/header-names.ts'
import { ALICE, headers, SampleRegistrar } from '../testing/registrar-rig.ts'

const DESK = '<sip:alice@198.51.100.1:5060>'
const MOBILE = '<sip:alice@198.51.100.2>'

function registered(): SampleRegistrar {
  const sample = new SampleRegistrar()
  sample.register({ contact: [DESK, MOBILE], cseq: 5 })
  return sample
}

test('RFC 3261 §10.3 step 2: an extension that is required is refused by name', () => {
  const sample = new SampleRegistrar()
  const answer = sample.register({ contact: DESK, headers: { Require: 'gruu, path' } })
  expect(answer.status).toBe(420)
  expect(headers(answer, H.Unsupported)).toEqual(['gruu, path'])
  expect(sample.targets()).toEqual([])
})

describe('RFC 3261 §10.3 step 5: the address-of-record', () => {
  test.each([
    ['sip:al%69ce@EXAMPLE.com:5070;user=phone', true],
    ['sips:alice@example.com', true],
    ['sip:Alice@example.com', false],
    ['sip:alice@example.org', false],
  ])('%s: the same as sip:alice@example.com is %s', (to, isSame) => {
    const sample = new SampleRegistrar()
    sample.register({ to, contact: DESK })
    expect(sample.targets().length).toBe(isSame ? 1 : 0)
    expect(sample.targets(to).length).toBe(1)
  })

  test('the proxy’s own addresses are one domain', () => {
    const sample = new SampleRegistrar()
    sample.register({ to: 'sip:alice@192.0.2.1:5060', contact: DESK })
    expect(sample.targets('sip:alice@192.0.2.2')).toHaveLength(1)
    expect(sample.targets('sip:alice@192.0.2.3')).toEqual([])
  })

  test('without domains, the user alone', () => {
    const sample = new SampleRegistrar({ useDomain: false })
    sample.register({ contact: DESK })
    expect(sample.targets('sip:alice@anywhere.example')).toHaveLength(1)
    expect(sample.targets('sip:bob@example.com')).toEqual([])
  })

  test.each(['sip:example.com', 'tel:+4930123', `sip:${'a'.repeat(65)}@example.com`])('%s is nobody: 404', (to) => {
    expect(new SampleRegistrar().status({ to, contact: DESK })).toBe(404)
  })
})

describe('RFC 3261 §10.3 step 6: *', () => {
  test('with Expires 0 removes every contact', () => {
    const sample = registered()
    const answer = sample.register({ contact: '*', expires: 0, cseq: 6 })
    expect(answer.status).toBe(200)
    expect(headers(answer, H.Contact)).toEqual([])
    expect(sample.registrar.location).toMatchObject({ size: 0, aors: 0 })
  })

  test.each([
    ['without Expires', { contact: '*' }],
    ['with another Expires', { contact: '*', expires: 60 }],
    ['with an Expires that is no number', { contact: '*', expires: 'now' }],
    ['beside a contact', { contact: ['*', DESK], expires: 0 }],
  ])('%s: 400, nothing changed', (_, asked) => {
    const sample = registered()
    expect(sample.status({ ...asked, cseq: 6 })).toBe(400)
    expect(sample.contacts()).toHaveLength(2)
  })

  test('with the CSeq that one of them has: fails, nothing changed; of another Call-ID: removes', () => {
    const sample = registered()
    expect(sample.status({ contact: '*', expires: 0, cseq: 5 })).toBe(500)
    expect(sample.contacts()).toHaveLength(2)
    expect(sample.status({ contact: '*', expires: 0, cseq: 1, callId: 'other' })).toBe(200)
    expect(sample.contacts()).toEqual([])
  })
})

describe('RFC 3261 §10.3 step 7: how long', () => {
  test.each([
    ['the parameter before the header', { contact: `${DESK};expires=100`, expires: 200 }, 100],
    ['the header before our own', { contact: DESK, expires: 200 }, 200],
    ['our own', { contact: DESK }, 3_600],
    ['no more than the maximum', { contact: DESK, expires: 86_400 }, 7_200],
    ['more than 2^32 - 1', { contact: `${DESK};expires=99999999999` }, 7_200],
    ['a parameter that cannot be read is 3600', { contact: `${DESK};expires=soon` }, 3_600],
    ['and so is a header', { contact: DESK, expires: 'soon' }, 3_600],
  ])('%s', (_, asked, granted) => {
    const answer = new SampleRegistrar().register(asked)
    expect(headers(answer, H.Contact)).toEqual([`${DESK};expires=${granted}`])
  })

  test('less than the minimum, of one contact: 423 with Min-Expires, and none is taken', () => {
    const sample = new SampleRegistrar()
    const answer = sample.register({ contact: [DESK, `${MOBILE};expires=59`] })
    expect(answer.status).toBe(423)
    expect(headers(answer, H.MinExpires)).toEqual(['60'])
    expect(sample.contacts()).toEqual([])
    expect(sample.status({ contact: `${DESK};expires=60` })).toBe(200)
  })

  test('who asks for no time gets the default, however short it is', () => {
    const sample = new SampleRegistrar({ defaultExpires: 30 })
    const answer = sample.register({ contact: DESK })
    expect(answer.status).toBe(200)
    expect(headers(answer, H.Contact)).toEqual([`${DESK};expires=30`])
  })

  test('an hour is never too brief, whatever the minimum', () => {
    const sample = new SampleRegistrar({ minExpires: 7_200 })
    expect(sample.status({ contact: `${DESK};expires=3599` })).toBe(423)
    expect(sample.status({ contact: `${DESK};expires=3600` })).toBe(200)
  })

  test('0 removes, also what is not there', () => {
    const sample = registered()
    expect(sample.status({ contact: `${DESK};expires=0`, cseq: 6 })).toBe(200)
    expect(sample.contacts()).toEqual([`${MOBILE};expires=3600`])
    expect(sample.status({ contact: '<sip:nobody@198.51.100.9>;expires=0', cseq: 7 })).toBe(200)
    expect(sample.contacts()).toHaveLength(1)
  })
})

describe('RFC 3261 §10.3 step 7: in order, and all or nothing', () => {
  test('a refresh is of the contact that is the same URI (§19.1.4)', () => {
    const sample = registered()
    sample.clock.advance(1_000)
    sample.register({ contact: '<sip:%61lice@198.51.100.1:5060;ob>;q=0.5', cseq: 6 })
    expect(sample.contacts()).toEqual([
      '<sip:%61lice@198.51.100.1:5060;ob>;q=0.5;expires=3600',
      `${MOBILE};expires=3599`,
    ])
  })

  test.each([4, 5])('CSeq %i after 5, same Call-ID: fails', (cseq) => {
    const sample = registered()
    expect(sample.status({ contact: `${DESK};expires=0`, cseq })).toBe(500)
    expect(sample.contacts()).toHaveLength(2)
  })

  test('a lower CSeq of another Call-ID is a phone that was restarted', () => {
    const sample = registered()
    expect(sample.status({ contact: `${DESK};expires=0`, cseq: 1, callId: 'other' })).toBe(200)
    expect(sample.contacts()).toHaveLength(1)
  })

  test('the second contact is out of order: the first is not taken either', () => {
    const sample = registered()
    sample.register({ contact: MOBILE, cseq: 9 })
    expect(sample.status({ contact: [`${DESK};expires=0`, MOBILE], cseq: 8 })).toBe(500)
    expect(sample.contacts()).toHaveLength(2)
  })

  test.each([
    'sip:',
    'nonsense',
    '<sip:alice@198.51.100.3>;q=2',
    '<sip:alice@198.51.100.3>;q=high',
    `<sip:${'a'.repeat(512)}@198.51.100.3>`,
  ])('a bad contact beside a good one: 400, nothing changed (%s)', (bad) => {
    const sample = registered()
    expect(sample.status({ contact: ['<sip:alice@198.51.100.4>', bad], cseq: 6 })).toBe(400)
    expect(sample.contacts()).toHaveLength(2)
  })

  test('the same contact twice: the last word counts', () => {
    const sample = new SampleRegistrar()
    sample.register({ contact: [`${DESK};q=0.1`, `${DESK};q=0.2`] })
    expect(sample.contacts()).toEqual([`${DESK};q=0.2;expires=3600`])
    sample.register({ contact: [DESK, `${DESK};expires=0`], cseq: 2 })
    expect(sample.contacts()).toEqual([])
  })
})

test('RFC 3261 §10.3 step 8: every contact with what it has left, and the Date', () => {
  const sample = registered()
  sample.clock.advance(100_500)
  const answer = sample.register({ contact: `${DESK};expires=60`, cseq: 6 })
  expect(headers(answer, H.Contact)).toEqual([`${DESK};expires=60`, `${MOBILE};expires=3500`])
  expect(headers(answer, H.Date)).toEqual(['Thu, 01 Jan 2026 12:01:40 GMT'])
})

test('a +sip.instance comes back as it was', () => {
  const sample = new SampleRegistrar()
  sample.register({ contact: `${DESK};+sip.instance="<urn:uuid:1>"` })
  expect(sample.contacts()).toEqual([`${DESK};expires=3600;+sip.instance="<urn:uuid:1>"`])
})

describe('limits', () => {
  test('contacts of one address: 403 for more, and a refresh is no more', () => {
    const sample = new SampleRegistrar({ maxContacts: 2 })
    sample.register({ contact: [DESK, MOBILE] })
    expect(sample.status({ contact: '<sip:alice@198.51.100.3>', cseq: 2 })).toBe(403)
    expect(sample.status({ contact: [DESK, MOBILE], cseq: 2 })).toBe(200)
    expect(sample.status({ contact: [`${DESK};expires=0`, '<sip:alice@198.51.100.3>'], cseq: 3 })).toBe(200)
    expect(sample.contacts()).toHaveLength(2)
  })

  test('contacts of all: 503 with Retry-After, until there is room', () => {
    const sample = new SampleRegistrar({ bindings: 2 })
    sample.register({ contact: [DESK, MOBILE] })
    const answer = sample.register({ to: 'sip:bob@example.com', contact: DESK })
    expect(answer.status).toBe(503)
    expect(headers(answer, H.RetryAfter)).toEqual(['60'])
    sample.register({ contact: `${DESK};expires=0`, cseq: 2 })
    expect(sample.status({ to: 'sip:bob@example.com', contact: DESK })).toBe(200)
  })
})

test('what has expired is not seen, and then gone: no entry, no wake-up', () => {
  const sample = new SampleRegistrar()
  sample.clock.advance(300)
  sample.register({ contact: [`${DESK};expires=60`, `${MOBILE};expires=120`] })
  sample.clock.advance(59_999)
  expect(sample.targets()).toEqual([['sip:alice@198.51.100.1:5060', 'sip:alice@198.51.100.2']])
  sample.clock.advance(1)
  expect(sample.targets()).toEqual([['sip:alice@198.51.100.2']])
  sample.clock.advance(61_000)
  expect(sample.registrar.location).toMatchObject({ size: 0, aors: 0 })
  expect(sample.clock.next()).toBe(Infinity)
})

describe('RFC 3261 §16.5: the targets', () => {
  test('the highest q first, equal q together, without q as 1', () => {
    const sample = new SampleRegistrar()
    const contact = ['<sip:a@h>;q=0.5', '<sip:b@h>', '<sip:c@h>;q=1.0', '<sip:d@h>;q=0.5', '<sip:e@h>;q=0']
    sample.register({ contact })
    expect(sample.targets()).toEqual([['sip:b@h', 'sip:c@h'], ['sip:a@h', 'sip:d@h'], ['sip:e@h']])
  })

  test('what a Request-URI may not have is left out; what cannot be sent to is no target', () => {
    const sample = new SampleRegistrar()
    sample.register({ contact: ['<sip:a@h;method=INVITE;ob?Subject=x>', '<tel:+4930123>'] })
    expect(sample.targets()).toEqual([['sip:a@h;ob']])
    expect(sample.contacts()).toHaveLength(2)
  })
})

test('whatever is registered in whatever order: within the limits, nothing after its time, all or nothing', () => {
  const contact = fc.record({ host: fc.integer({ min: 0, max: 5 }), expires: fc.constantFrom(0, 30, 60, 90, 9_000) })
  const step = fc.record({
    to: fc.constantFrom('sip:a@example.com', 'sip:b@example.com', 'sip:c@example.com'),
    contacts: fc.array(contact, { maxLength: 4 }),
    callId: fc.constantFrom('x', 'y'),
    cseq: fc.integer({ min: 1, max: 5 }),
    pass: fc.integer({ min: 0, max: 80_000 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const sample = new SampleRegistrar({ maxContacts: 3, bindings: 5, maxExpires: 100 })
      const { registrar, clock } = sample
      for (const { to, contacts, callId, cseq, pass } of steps) {
        const before = sample.contacts(to)
        const asked = contacts.map(({ host, expires }) => `<sip:h${host}.example>;expires=${expires}`)
        const { status } = sample.register({ to, contact: asked, callId, cseq })
        const after = sample.contacts(to)
        if (status !== 200) expect(after).toEqual(before)
        else
          for (const { host, expires } of contacts.slice(-1)) {
            expect(after.some((value) => value.startsWith(`<sip:h${host}.`))).toBe(expires > 0)
          }
        expect(after.length).toBeLessThanOrEqual(3)
        expect(registrar.location.size).toBeLessThanOrEqual(5)
        clock.advance(pass)
        const left = sample.contacts(to).map((value) => Number(/expires=(\d+)/.exec(value)![1]))
        for (const seconds of left) expect(seconds).toBeGreaterThan(0)
        expect(Math.max(0, ...left)).toBeLessThanOrEqual(100)
      }
      clock.advance(101_000)
      expect(registrar.location).toMatchObject({ size: 0, aors: 0 })
      expect(clock.next()).toBe(Infinity)
    }),
  )
})

test('a query changes nothing', () => {
  const sample = registered()
  expect(sample.status({ to: ALICE, expires: 0 })).toBe(200)
  expect(sample.contacts()).toHaveLength(2)
})
