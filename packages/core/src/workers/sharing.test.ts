import { expect, onTestFinished, test, vi } from 'vitest'
import type { Registrar } from '../registrar/registrar.ts'
import { SampleRegistrar } from '../testing/registrar-rig.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import type { Registration } from '../trunks/registration.ts'
import type { Trunks } from '../trunks/trunks.ts'
import { readRow } from '../trunks/columns.ts'
import type { SharedEntries } from './protocol.ts'
import { OwnedElsewhere, OwnedHere, type Primary, type SharedStack } from './sharing.ts'
import { SharedMap } from './shared-map.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** What was told has been heard. */
async function heard(): Promise<void> {
  await turn()
  await turn()
  await turn()
}

function stackOf(registrar: Registrar, trunks?: Map<string, object>): SharedStack {
  const table = trunks && {
    all: () => trunks.values(),
    get: (uuid: string) => trunks.get(uuid),
    agenda: { now: () => 1_000 },
  }
  return { registrar, trunks: table as Trunks | undefined, requests: undefined as never }
}

/** Worker 0, a copy, and between them what the primary keeps: everything goes through JSON. */
function rig(trunks?: Map<string, object>) {
  const map = { location: new SharedMap(), trunks: new SharedMap() }
  const clock = new VirtualClock()
  const primary: Primary = {
    async share(what) {
      const told = JSON.parse(JSON.stringify(what)) as SharedEntries
      map[told.topic].take(told)
      await turn()
      copy.take(told)
    },
    want: () => void here.tellAll('location'),
  }
  const here = new OwnedHere(primary, {})
  const copy = new OwnedElsewhere(primary, {})
  const own = new SampleRegistrar({}, undefined, clock, here.stack.location)
  const other = new SampleRegistrar({}, undefined, new VirtualClock(), copy.stack.location)
  here.begin(stackOf(own.registrar, trunks))
  copy.begin(stackOf(other.registrar))
  return { here, copy, own, other, map, clock }
}

test('RFC 3261 §16.5: what registers at worker 0 is found by the others, changed, removed and lapsed', async () => {
  const { own, other, map, clock } = rig()
  own.register({ contact: ['<sip:a@h1>;q=0.5', '<sip:b@h2>'], expires: 100 })
  await heard()
  expect(other.targets()).toEqual(own.targets())
  expect(other.targets()).toEqual([['sip:b@h2'], ['sip:a@h1']])
  own.register({ contact: '<sip:a@h1>;expires=0', cseq: 2 })
  await heard()
  expect(other.targets()).toEqual([['sip:b@h2']])
  clock.advance(101_000)
  await heard()
  expect(other.targets()).toEqual([])
  expect([...map.location.pages()]).toEqual([])
})

test('a REGISTER is answered when the others know of it', async () => {
  const { own, other } = rig()
  own.register({ contact: '<sip:a@h>' })
  const telling = own.registrar.telling()
  expect(telling).toBeInstanceOf(Promise)
  await telling
  expect(other.targets()).toEqual([['sip:a@h']])
  expect(own.registrar.telling()).toBeUndefined()
})

test('a copy lets contacts lapse by itself, on its own clock', async () => {
  const { own, other } = rig()
  own.register({ contact: '<sip:a@h>', expires: 60 })
  await heard()
  other.clock.advance(59_000)
  expect(other.targets()).toEqual([['sip:a@h']])
  other.clock.advance(2_000)
  expect(other.targets()).toEqual([])
})

test('RFC 3261 §10.3: a copy takes no REGISTER, and says so', () => {
  const { other } = rig()
  expect(other.status({ contact: '<sip:a@h>' })).toBe(503)
})

test('who asks a copy first waits until worker 0 has told all, and then no more', async () => {
  const { own, other } = rig()
  own.register({ contact: '<sip:a@h>' })
  const ready = other.registrar.ready()
  expect(ready).toBeInstanceOf(Promise)
  await ready
  expect(other.targets()).toEqual([['sip:a@h']])
  expect(other.registrar.ready()).toBeUndefined()
})

test('who asks before worker 0 has read anything is not told that this was all', async () => {
  const told: SharedEntries[] = []
  const early = new OwnedHere({ share: async (what) => void told.push(what), want: () => undefined }, {})
  void early.tellAll('location')
  await heard()
  expect(told).toEqual([])
  const { registrar } = new SampleRegistrar({}, undefined, new VirtualClock(), early.stack.location)
  early.begin(stackOf(registrar))
  await heard()
  expect(told).toEqual([{ topic: 'location', entries: [], isWhole: true }])
})

test('a REGISTER is answered although the primary says nothing', async () => {
  const alone = new OwnedHere({ share: () => new Promise(() => undefined), want: () => undefined }, {})
  const own = new SampleRegistrar({}, undefined, new VirtualClock(), alone.stack.location)
  alone.begin(stackOf(own.registrar))
  own.register({ contact: '<sip:a@h>' })
  await expect(own.registrar.telling()).resolves.toBeUndefined()
})

test('another worker 0 begins with the contacts of the one before', async () => {
  const { own, map } = rig()
  own.register({ contact: '<sip:a@h>', expires: 60 })
  await heard()
  const anew = new OwnedHere({ share: async () => undefined, want: () => undefined }, {})
  const registrar = new SampleRegistrar({}, undefined, new VirtualClock(), anew.stack.location)
  for (const entries of map.location.pages()) anew.take({ topic: 'location', entries })
  anew.begin(stackOf(registrar.registrar))
  expect(registrar.targets()).toEqual([['sip:a@h']])
  // A refresh is of the same contact: a CSeq that is not higher is one that was overtaken.
  expect(registrar.status({ contact: '<sip:a@h>', cseq: 1 })).toBe(500)
  expect(registrar.status({ contact: '<sip:a@h>', cseq: 2 })).toBe(200)
})

const row = readRow({
  l_uuid: 'u1',
  l_username: 'l1',
  l_domain: 'example.com',
  r_username: 'r1',
  r_domain: 'carrier.example',
  auth_username: 'r1',
  auth_password: 'secret',
  auth_proxy: 'sip:192.0.2.7',
  expires: 600,
})

function trunk(changed: Partial<Registration> = {}): object {
  return { row, state: 'registered', reason: '', peer: '192.0.2.7', boundUntil: 61_000, ...changed }
}

test('trunks are known to the others with state, account and until when they are bound; one that is removed is forgotten', async () => {
  const trunks = new Map([['u1', trunk()]])
  const { here, copy } = rig(trunks)
  here.stack.trunkWatcher!.listed()
  await heard()
  const known = copy.stack.knownTrunks!
  expect(known.get('u1')).toMatchObject({ state: 'registered', peer: '192.0.2.7', isBound: true, row })
  expect(known.get('u1')!.account!.credentials).toMatchObject({ username: 'r1', password: 'secret' })
  expect(known.ofUsername('l1')).toEqual([known.get('u1')])
  expect(known.ofCookie(known.get('u1')!.account!.cookie)).toBe(known.get('u1'))
  trunks.set('u1', trunk({ state: 'failed', reason: 'no answer', boundUntil: undefined }))
  here.stack.trunkWatcher!.told('u1')
  await heard()
  expect(known.get('u1')).toMatchObject({ state: 'failed', reason: 'no answer', isBound: false })
  trunks.delete('u1')
  here.stack.trunkWatcher!.listed()
  await heard()
  expect(known.get('u1')).toBeUndefined()
  expect(known.ofUsername('l1')).toEqual([])
})

test('what another worker 0 does not list any more is forgotten', async () => {
  const { here, copy, map } = rig(new Map())
  const gone = { row, state: 'registered', reason: '' }
  copy.take({ topic: 'trunks', entries: [['u1', gone]] })
  map.trunks.take({ entries: [['u1', gone]] })
  here.take({ topic: 'trunks', entries: [['u1', gone]] })
  expect(copy.stack.knownTrunks!.get('u1')).toBeDefined()
  here.stack.trunkWatcher!.listed()
  await heard()
  expect(copy.stack.knownTrunks!.get('u1')).toBeUndefined()
  expect([...map.trunks.pages()]).toEqual([])
})

test('a calendar that is set to another time ends neither what a worker was told of nor what its replacement is', async () => {
  const { here, own, copy, map } = rig(new Map([['u1', trunk()]]))
  here.stack.trunkWatcher!.listed()
  own.register({ contact: '<sip:a@h>', expires: 60 })
  await heard()
  const now = Date.now()
  vi.spyOn(Date, 'now').mockImplementation(() => now + 3_600_000)
  onTestFinished(() => void vi.restoreAllMocks())
  expect(copy.stack.knownTrunks!.get('u1')).toMatchObject({ isBound: true })
  const anew = new OwnedElsewhere({ share: async () => undefined, want: () => undefined }, {})
  const calendar = { calendar: Date.now }
  const registrar = new SampleRegistrar({}, undefined, new VirtualClock(), { ...anew.stack.location, ...calendar })
  for (const entries of map.location.pages()) anew.take({ topic: 'location', entries })
  anew.begin(stackOf(registrar.registrar))
  expect(registrar.targets()).toEqual([['sip:a@h']])
})

test('routes of another worker 0 find the trunks of the one before until it has read the table', async () => {
  const { here, map } = rig(new Map([['u1', trunk()]]))
  here.stack.trunkWatcher!.listed()
  await heard()
  const anew = new OwnedHere({ share: async () => undefined, want: () => undefined }, {})
  expect(anew.stack.formerTrunks!()).toBeUndefined()
  for (const entries of map.trunks.pages()) anew.take({ topic: 'trunks', entries })
  anew.begin(stackOf(new SampleRegistrar().registrar, new Map()))
  expect(anew.stack.formerTrunks!()!.get('u1')).toMatchObject({ state: 'registered', row })
  anew.stack.trunkWatcher!.listed()
  expect(anew.stack.formerTrunks!()).toBeUndefined()
})

test('while another worker 0 lists its trunks the others have those that there were', async () => {
  const shared: SharedEntries[] = []
  const anew = new OwnedHere({ share: async (what) => void shared.push(what), want: () => undefined }, {})
  anew.take({ topic: 'trunks', entries: [['u1', trunk()]] })
  anew.begin(stackOf(new SampleRegistrar().registrar, new Map([['u1', trunk()]])))
  anew.stack.trunkWatcher!.listed()
  await heard()
  expect(shared).toMatchObject([{ topic: 'trunks', entries: [['u1', { row }]] }])
})
