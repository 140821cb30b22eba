/** Routes that change while calls are in flight: each transaction ends on the generation it began with (RFC 3261 §16.2: a proxy is stateful). */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { answer, simulate, type Simulation } from '@signalbox/core/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { BOB, CARRIER, header, logged, PHONE, SECOND, sentTo } from './wire.ts'

const first = 'test/scenarios/routes/generation-1.ts'
const second = 'test/scenarios/routes/generation-2.ts'

async function network() {
  const net = await simulate({ routes: first })
  net.uas(CARRIER, answer({ status: 486, ring: true, after: '5s' }))
  net.uas(SECOND, answer())
  return { net, phone: net.uac(PHONE) }
}

function generations(net: Simulation): string[] {
  return net.stack.runtime.list().map(({ number, state, transactions }) => `${number} ${state} ${transactions}`)
}

function stamps(net: Simulation, address: string): (string | undefined)[] {
  return sentTo(net, address, 'INVITE ').map((wire) => header(wire, 'X-Gen'))
}

test('RFC 3261 §16.7: a call that rings across a reload fails over on its old routes, a new call on the new', async () => {
  const { net, phone } = await network()
  const old = phone.dial(BOB)
  await net.advance('1s')
  await net.reload(second)
  expect(generations(net)).toEqual(['2 live 0', '1 draining 1'])
  const young = phone.dial(BOB)
  await net.advance('1s')
  expect(generations(net)).toEqual(['2 live 1', '1 draining 1'])
  for (const call of [old, young]) await net.until(call.answered)
  expect([old.status, young.status]).toEqual([200, 200])
  expect(stamps(net, CARRIER)).toEqual(['1', '2'])
  expect(stamps(net, SECOND)).toEqual(['1 failed', '2 failed'])
  expect(generations(net)).toEqual(['2 live 0', '1 disposed 0'])
  expect((await old.bye()).status).toBe(200)
})

test('RFC 3261 §16.7: a handler that awaits across a reload goes on in its generation, which waits for it', async () => {
  const { net, phone } = await network()
  const call = phone.dial('sip:watched@127.0.0.1:5080')
  await net.advance('1s')
  await net.reload(second)
  expect(generations(net)).toEqual(['2 live 0', '1 draining 1'])
  await net.until(call.answered)
  expect(logged(net, 'info')).toEqual(['1 saw the end'])
  expect(generations(net)).toEqual(['2 live 0', '1 draining 1'])
  goOn.emit('scenario:go-on')
  await net.advance(1)
  expect(generations(net)).toEqual(['2 live 0', '1 disposed 0'])
})

describe('a reload that is refused', () => {
  const broken = [
    {
      what: 'a syntax error',
      code: 'BUILD',
      line: 3,
      text: `import { onRequest } from '@signalbox/dsl'\n\nonRequest(({ relay }) => relay(})\n`,
    },
    {
      what: 'a throw at the top level',
      code: 'BAD_BUNDLE',
      line: 3,
      text: `import { onRequest } from '@signalbox/dsl'\n\nthrow new Error('no')\n`,
    },
    { what: 'no onRequest', code: 'NO_ROUTE', line: undefined, text: `import '@signalbox/dsl'\n` },
    {
      what: 'a second onRequest',
      code: 'DUPLICATE_ROUTE',
      line: 4,
      text: `import { onRequest } from '@signalbox/dsl'\n\nonRequest(({ relay }) => relay())\nonRequest(({ reply }) => reply(403))\n`,
    },
    { what: 'a missing import', code: 'BUILD', line: 1, text: `import './not-there.ts'\n` },
  ]

  test.each(broken)(
    'for $what names the place and leaves the live routes as they were',
    async ({ code, line, text }) => {
      const { net, phone } = await network()
      const file = await temporary(text)
      const problem = line === undefined ? {} : { file: expect.stringMatching(/broken\.ts$/), line }
      await expect(net.reload(file)).rejects.toMatchObject({ name: 'SignalboxError', code, problems: [problem] })
      expect(generations(net)).toEqual(['1 live 0'])
      expect(await phone.invite(BOB)).toBeAnsweredWith(200)
      await net.reload(second)
      expect(generations(net)).toEqual(['2 live 0', '1 disposed 0'])
      expect(await phone.invite(BOB)).toBeAnsweredWith(200)
      expect(stamps(net, CARRIER)).toEqual(['1', '2'])
    },
  )
})

describe('a reload to routes that arm a name', () => {
  const arming = (name: string) => `import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onFailure: ${name} }))
onFailure('TRUNKAUTH', () => {})
`

  test('that no route has is refused at its place, and the live routes go on until a good one comes', async () => {
    const { net, phone } = await network()
    const text = `no onFailure is named 'TRUNKAUTHX': there is 'TRUNKAUTH'`
    const place = { file: expect.stringMatching(/broken\.ts$/) as string, line: 3, column: 71 }
    await expect(net.reload(await temporary(arming(`'TRUNKAUTHX'`)))).rejects.toMatchObject({
      code: 'NO_ROUTE',
      message: text,
      problems: [{ text, hint: `did you mean 'TRUNKAUTH'?`, ...place }],
    })
    expect(generations(net)).toEqual(['1 live 0'])
    expect(await phone.invite(BOB)).toBeAnsweredWith(200)
    await net.reload(await temporary(arming(`'TRUNKAUTH'`)))
    expect(generations(net)).toEqual(['2 live 0', '1 disposed 0'])
    expect(await phone.invite(BOB)).toBeAnsweredWith(486)
  })

  test('that is computed is taken, and looked up when a call comes', async () => {
    const { net, phone } = await network()
    await net.reload(await temporary(arming(`['TRUNK', 'AUTHX'].join('')`)))
    expect(generations(net)).toEqual(['2 live 0', '1 disposed 0'])
    expect(await phone.invite(BOB)).toBeAnsweredWith(500)
  })
})

/** What `generation-1.ts` waits for before it ends. */
const goOn: NodeJS.EventEmitter = process

/** A route file that goes away with its test. */
async function temporary(text: string): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'signalbox-reload-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const file = path.join(dir, 'broken.ts')
  await writeFile(file, text)
  return file
}
