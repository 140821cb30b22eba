/** A contact outlives its REGISTER by hours: it keeps no datagram. In a process of its own. */
import { expect, it } from 'vitest'
import { runWithGc } from '../testing/run-with-gc.ts'

const PHONES = 1_000
/** Bytes of a datagram, about. */
const LARGE = 40_000

const program = `
import { heapOfEach } from '../testing/heap-of-each.ts'
import { SampleRegistrar } from '../testing/registrar-rig.ts'

const statuses = new Set()
const sample = new SampleRegistrar({ bindings: 10_000, useDomain: USE_DOMAIN })
const headers = { 'User-Agent': 'A Phone Of Some Maker 1.2.3.4' }
for (let i = 0; i < 5; i++) headers['X-Large-' + i] = 'x'.repeat(LARGE / 5)

function phone(i, cseq) {
  const contact = '<sip:user-of-this-phone-' + i + '@192.0.2.9:5060>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-' + i + '>"'
  return { to: 'sip:user-of-this-phone-' + i + '@phones-of-somebody.example.com', contact, callId: 'call-id-of-this-phone-' + i, cseq, headers }
}

function begin(i) {
  // The second is a refresh, the third has another program.
  const other = { ...headers, 'User-Agent': 'A Phone Of Another Maker 5.6.7.8' }
  const all = [phone(i, 1), phone(i, 2), { ...phone(i, 3), headers: other }]
  for (const register of all) statuses.add(sample.status(register))
}

const each = heapOfEach(PHONES, begin)
console.log(JSON.stringify({ each, statuses: [...statuses], contacts: sample.registrar.location.size }))
`

it.each([true, false])('a contact keeps no datagram, with domains: %s', { timeout: 60_000 }, async (useDomain) => {
  const constants = { PHONES, LARGE, USE_DOMAIN: useDomain }
  const result = await runWithGc<{ each: number }>(program, import.meta.dirname, constants)
  expect(result).toMatchObject({ statuses: [200], contacts: PHONES + 1 })
  expect(result.each).toBeLessThan(LARGE / 10)
})
