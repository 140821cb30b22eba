/** What `relay` was asked for becomes branches, or is refused before anything is sent. */
import type { RelayOptions } from '@signalbox/dsl'
import { describe, expect, it } from 'vitest'
import { SignalboxError } from '../errors.ts'
import { H } from '../message/header-names.ts'
import { Uri } from '../message/uri.ts'
import type { ForwardPlan } from '../proxy/proxy-transaction.ts'
import { parsed, requestText } from '../testing/layer-rig.ts'
import { planFork, planRelay, type PlanBasis } from './relay-plan.ts'

const basis: PlanBasis = {
  request: parsed(requestText()),
  nextHop: undefined,
  shift: 0,
  inDialog: false,
  timerC: 180_000,
  maxBranches: 64,
  routes: undefined,
}

function plan(options: RelayOptions = {}, changes: Partial<PlanBasis> = {}): ForwardPlan {
  return planRelay(options, { ...basis, ...changes })
}

/** `ruri → next hop` of each branch, groups apart. */
function targets(options: RelayOptions, changes: Partial<PlanBasis> = {}): string[][] {
  return plan(options, changes).map((group) =>
    group.map(({ target }) => `${target.requestUri?.toString() ?? '='} → ${target.nextHop?.toString() ?? '='}`),
  )
}

describe('RFC 3261 §16.5: targets', () => {
  const gw = 'sip:gw.example:5070'

  it.each<[string, RelayOptions, string[][]]>([
    ['none: wherever the request says', {}, [['= → =']]],
    ['one next hop', { to: gw }, [[`= → ${gw}`]]],
    ['a Uri', { to: Uri.from(gw) }, [[`= → ${gw}`]]],
    [
      'a list, one after another',
      { to: [gw, 'sip:b', Uri.from('sip:c')] },
      [[`= → ${gw}`], ['= → sip:b'], ['= → sip:c']],
    ],
    ['a Request-URI of its own, sent there', { to: { ruri: 'sip:x@y' } }, [['sip:x@y → sip:x@y']]],
    ['a Request-URI and a next hop', { to: { ruri: 'sip:x@y', to: gw } }, [[`sip:x@y → ${gw}`]]],
    ['a number, sent to a gateway', { to: { ruri: 'tel:+4930', to: gw } }, [[`tel:+4930 → ${gw}`]]],
  ])('%s', (_, options, expected) => expect(targets(options)).toEqual(expected))

  it.each<[string, RelayOptions, string[][]]>([
    ['the same next hop', { to: [gw, 'sip:b', 'SIP:GW.example:5070'] }, [[`= → ${gw}`], ['= → sip:b']]],
    ['another port', { to: ['sip:b', 'sip:b:5060'] }, [['= → sip:b'], ['= → sip:b:5060']]],
    ['the same said in two ways', { to: [gw, { ruri: 'sip:bob@EXAMPLE.net', to: gw }] }, [[`= → ${gw}`]]],
    [
      'sent elsewhere',
      { to: [{ ruri: 'sip:x@y' }, { ruri: 'sip:x@y', to: 'sip:b' }] },
      [['sip:x@y → sip:x@y'], ['sip:x@y → sip:b']],
    ],
    [
      'what may not stand in one',
      { to: [{ ruri: 'sip:x@y;method=A?B=1' }, { ruri: 'sip:x@y' }] },
      [['sip:x@y → sip:x@y']],
    ],
  ])('is named twice: %s', (_, options, expected) => expect(targets(options)).toEqual(expected))

  it('of what was found, a group that has nobody new is none', () => {
    const [x, y] = [{ requestUri: Uri.from('sip:x@y') }, { requestUri: Uri.from('sip:y@y') }]
    expect(targets({}, { found: [[x, x], [x], [y, x]] })).toEqual([['sip:x@y → ='], ['sip:y@y → =']])
  })

  it('req.dstUri counts where nothing else is named', () => {
    const nextHop = Uri.from('sip:dst.example')
    expect(targets({}, { nextHop })).toEqual([['= → sip:dst.example']])
    expect(targets({ to: gw }, { nextHop })).toEqual([[`= → ${gw}`]])
  })
})

describe('refused, with nothing sent', () => {
  it.each<[string, RelayOptions, string]>([
    ['an empty list', { to: [] }, 'BAD_TARGET'],
    ['a host without a scheme', { to: 'gw.example' }, 'BAD_URI'],
    ['a URI that names no host', { to: 'tel:+4930' }, 'BAD_TARGET'],
    ['a Request-URI that names no host, and no next hop', { to: { ruri: 'tel:+4930' } }, 'BAD_TARGET'],
    ['one bad target of a list', { to: ['sip:good', 'nonsense'] }, 'BAD_URI'],
    ['a URI with a line break', { to: 'sip:a\r\nVia: x' }, 'BAD_URI'],
    ['a time that is none', { timeouts: { provisional: 'soon' } }, 'BAD_DURATION'],
    ['a negative time', { timeouts: { final: -1 } }, 'BAD_DURATION'],
  ])('%s', (_, options, code) => {
    expect(() => plan(options)).toThrow(expect.objectContaining({ name: 'SignalboxError', code }) as SignalboxError)
  })
})

describe('RFC 3261 §16.6: a fork', () => {
  it('is one group of all targets', () => {
    const [group, ...more] = planFork(['sip:a', { ruri: 'sip:x@y', to: 'sip:b' }], {}, basis)
    expect(more).toEqual([])
    expect(group!.map(({ target }) => target.nextHop?.toString())).toEqual(['sip:a', 'sip:b'])
  })

  it.each([
    [['sip:a@gw', 'sip:b@GW'], 1],
    [['sip:gw', 'sip:gw:5070'], 2],
    [['sip:gw', 'sip:gw;transport=tcp'], 2],
    [['sip:gw', 'sip:gw;maddr=192.0.2.1'], 2],
    [[{ ruri: 'sip:a@gw' }, { ruri: 'sip:b@gw' }], 2],
    [[{ ruri: 'sip:a@gw' }, { ruri: 'sip:a@gw', to: 'sip:other' }], 2],
  ])('RFC 3261 §16.5: has each place once: %j', (targets, count) => {
    expect(planFork(targets, {}, basis).flat()).toHaveLength(count)
  })

  it.each<[string, () => unknown]>([
    ['to nobody', () => planFork([], {}, basis)],
    ['to more than limits.branches', () => planFork(['sip:a', 'sip:b', 'sip:c'], {}, { ...basis, maxBranches: 2 })],
    ['as a list', () => plan({ to: ['sip:a', 'sip:b', 'sip:c'] }, { maxBranches: 2 })],
  ])('%s is refused', (_, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'BAD_TARGET' }) as SignalboxError)
  })

  it('to just as many is not', () => {
    expect(planFork(['sip:a', 'sip:b'], {}, { ...basis, maxBranches: 2 })[0]).toHaveLength(2)
  })
})

describe('times', () => {
  it.each<[string, RelayOptions['timeouts'], object]>([
    ['none: timer C of the config', undefined, { final: 180_000 }],
    ['milliseconds', { final: 5_000 }, { final: 5_000 }],
    ['words', { provisional: '2s', final: '1m' }, { provisional: 2_000, final: 60_000 }],
    ['only the first', { provisional: '500ms' }, { provisional: 500, final: 180_000 }],
  ])('RFC 3261 §16.6 step 11: %s', (_, timeouts, expected) => {
    expect(plan(timeouts === undefined ? {} : { timeouts })[0]![0]!.timeouts).toEqual(expected)
  })
})

describe('RFC 3261 §16.6 step 4: Record-Route', () => {
  it.each([
    ['INVITE', false, true],
    ['SUBSCRIBE', false, true],
    ['REFER', false, true],
    ['OPTIONS', false, false],
    ['REGISTER', false, false],
    ['MESSAGE', false, false],
    ['INVITE', true, false],
  ])('of %s, in a dialog: %s, by itself: %s', (method, inDialog, expected) => {
    const request = parsed(requestText({ method }))
    expect(plan({}, { request, inDialog })[0]![0]!.recordRoute).toBe(expected)
    for (const recordRoute of [true, false]) {
      expect(plan({ recordRoute }, { request, inDialog })[0]![0]!.recordRoute).toBe(recordRoute)
    }
  })
})

it('what leaves is the request as it stands now, and what the dialog owes', () => {
  const request = parsed(requestText())
  const [[branch]] = plan({}, { request, shift: 2 }) as [[ForwardPlan[number][number]]]
  request.put(H.Subject, 'later')
  expect([branch.request.has(H.Subject), branch.shift, branch.answers]).toEqual([false, 2, []])
})
