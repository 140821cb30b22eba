/** `onLoad` and `onDispose`: a generation's beginning, which may refuse it, and its end. Nothing of RFC 3261 is asked here. */
import { answer, simulate, type Simulation } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { tempBundle } from '../../packages/core/src/testing/temp-bundle.ts'
import { BOB, CARRIER, logged, PHONE } from './wire.ts'

const head = `import { onDispose, onEvent, onLoad, onLocal, onRequest } from '@signalbox/dsl'
onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090' }))
`

async function started(lines: string): Promise<Simulation> {
  return simulate({ bundle: (await tempBundle(head + lines)).bundle })
}

async function reload(net: Simulation, lines: string): Promise<void> {
  const { bundle } = await tempBundle(head + lines)
  await net.until(net.stack.runtime.load(bundle))
}

function generations(net: Simulation): string[] {
  return net.stack.runtime.list().map(({ number, state }) => `${number} ${state}`)
}

describe('onLoad', () => {
  const refusals = [
    { what: 'throws', body: `throw new Error('no')`, text: 'onLoad threw Error: no' },
    { what: 'rejects', body: `await Promise.resolve()\nthrow new Error('later')`, text: 'onLoad threw Error: later' },
    { what: 'throws no error', body: `throw 'words'`, text: 'onLoad threw words' },
    {
      what: 'never ends',
      body: `await new Promise(() => {})`,
      text: 'onLoad did not end within handlers.deadline, 30000 ms',
    },
  ]

  test.each(refusals)('that $what refuses the first bundle, with its place', async ({ body, text }) => {
    await expect(started(`onLoad(async () => {\n${body}\n})\n`)).rejects.toMatchObject({
      code: 'ON_LOAD',
      message: text,
      problems: [
        { text, file: expect.stringContaining('routes/main.ts') as string, line: expect.any(Number) as number },
      ],
    })
  })

  test.each(refusals)('that $what leaves what was live, and the next good bundle is taken', async ({ body, text }) => {
    const net = await started('')
    net.uas(CARRIER, answer())
    const lines = `onLoad(async ({ signal, log }) => {\nsignal.onabort = () => log.info('told to stop')\n${body}\n})\n`
    await expect(reload(net, lines)).rejects.toThrow(text)
    expect(generations(net)).toEqual(['1 live'])
    expect(logged(net, 'info')).toEqual(['told to stop'])
    expect(await net.uac(PHONE).invite(BOB)).toBeAnsweredWith(200)
    await reload(net, 'onLoad(() => {})\n')
    expect(generations(net)).toEqual(['2 live', '1 disposed'])
  })

  test('that awaits holds the commit back, while calls go on where they went', async () => {
    const net = await started('')
    net.uas(CARRIER, answer())
    const timers = `onLoad(async ({ uac, log }) => {
  const res = await uac.send({ method: 'OPTIONS', ruri: 'sip:127.0.0.1:5091', timeout: '5s' })
  log.info('ready ' + res.status)
})
`
    const { bundle } = await tempBundle(head + timers)
    const reloading = net.stack.runtime.load(bundle)
    const call = net.uac(PHONE).dial(BOB)
    await net.until(call.answered)
    expect([call.status, generations(net)]).toEqual([200, ['1 live']])
    await net.until(reloading)
    expect([logged(net, 'info'), generations(net)]).toEqual([['ready 408'], ['2 live', '1 disposed']])
  })

  test('of a proxy that starts is heard out before requests are: who sends again is served', async () => {
    const net = await started(
      `onLoad(() => new Promise((resolve) => process.once('scenario:go-on', resolve)))\n`.replace(
        'new Promise',
        'process.listenerCount("scenario:hold") === 0 ? Promise.resolve() : new Promise',
      ),
    )
    net.uas(CARRIER, answer())
    const hold = () => undefined
    const bus: NodeJS.EventEmitter = process
    bus.on('scenario:hold', hold)
    net.restart()
    const call = net.uac(PHONE).dial(BOB)
    await net.advance(100)
    expect([call.responses.length, net.stack.counters.dropped.get('starting')]).toEqual([0, 1])
    bus.emit('scenario:go-on')
    bus.off('scenario:hold', hold)
    await net.until(call.answered)
    expect(call.status).toBe(200)
  })
})

describe('onDispose', () => {
  const lines = `onLoad(({ data }) => void (data.made = 'by onLoad'))
onDispose(async ({ data, signal, log }) => {
  await Promise.resolve()
  log.info('disposed ' + data.made + ' ' + signal.aborted)
})
`

  test('runs once, when the last transaction is over, and finds what onLoad left', async () => {
    const net = await started(lines)
    net.uas(CARRIER, answer({ after: '5s' }))
    const call = net.uac(PHONE).dial(BOB)
    await net.advance('1s')
    await reload(net, '')
    expect([generations(net), logged(net, 'info')]).toEqual([['2 live', '1 draining'], []])
    await net.until(call.answered)
    await net.advance(1)
    expect([generations(net), logged(net, 'info')]).toEqual([['2 live', '1 disposed'], ['disposed by onLoad true']])
    await net.close()
    expect(logged(net, 'info')).toHaveLength(1)
  })

  test('runs when the proxy stops', async () => {
    const net = await started(lines)
    await net.close()
    expect(logged(net, 'info')).toEqual(['disposed by onLoad true'])
  })

  test.each([
    ['throws', `throw new Error('no')`, /^onDispose \(.*main\.ts:3:1\) failed: Error: no\n.*main\.ts:4:7/],
    ['never ends', `await new Promise(() => {})`, /failed: .*did not end within handlers\.deadline, 30000 ms/],
  ])('that %s is told, and the generation is disposed all the same', async (_what, body, text) => {
    const net = await started(`onDispose(async () => {\n${body}\n})\n`)
    await reload(net, '')
    await net.advance('31s')
    expect(generations(net)).toEqual(['2 live', '1 disposed'])
    expect(logged(net, 'error')).toEqual([expect.stringMatching(text)])
  })
})

describe('what a generation keeps in its data', () => {
  const counting = (name: string) => `
onLoad(({ data, previous, log }) => {
  data.name = '${name}'
  data.seen = previous?.seen ?? []
  data.seen.push('${name}')
  log.info('${name} after ' + previous?.name + ': ' + data.seen)
})
onDispose(({ data, next, log }) => {
  log.info(data.name + ' before ' + next?.name)
  if (next) next.last = data.name
})
`

  test('its successor finds in onLoad as previous, the very object, and may be given more by onDispose', async () => {
    const net = await started(counting('a'))
    await reload(net, counting('b'))
    await reload(net, counting('c').replace(`'c after '`, `previous.last + ' gone, c after '`))
    expect(logged(net, 'info')).toEqual([
      'a after undefined: a',
      'b after a: a,b',
      'a before b',
      'a gone, c after b: a,b,c',
      'b before c',
    ])
    await net.close()
    expect(logged(net, 'info').slice(5)).toEqual(['c before undefined'])
  })

  test('of one that was refused is dropped: the next one finds that of the live one', async () => {
    const net = await started(counting('a'))
    await expect(reload(net, `onLoad(({ data }) => { data.name = 'bad'; throw new Error('no') })\n`)).rejects.toThrow(
      'no',
    )
    await reload(net, counting('c'))
    expect(logged(net, 'info').slice(1)).toEqual(['c after a: a,c', 'a before c'])
  })

  test('that has no onLoad is empty', async () => {
    const net = await started('')
    await reload(net, counting('b'))
    expect(logged(net, 'info')).toEqual(['b after undefined: b'])
  })
})

test.each([
  ['onLoad(() => {})\nonLoad(() => {})', 'DUPLICATE_ROUTE', 'onLoad is registered twice'],
  ['onDispose(() => {})\nonDispose(() => {})', 'DUPLICATE_ROUTE', 'onDispose is registered twice'],
  ['onLocal(() => {})\nonLocal(() => {})', 'DUPLICATE_ROUTE', 'onLocal is registered twice'],
  [
    `onEvent('uac:reply', () => {})\nonEvent('uac:reply', () => {})`,
    'DUPLICATE_ROUTE',
    `onEvent 'uac:reply' is registered twice`,
  ],
  [
    `onEvent('uac:repli', () => {})`,
    'NO_ROUTE',
    `no event is named 'uac:repli': there is 'uac:registration', 'uac:reply'`,
  ],
])('%s is refused', async (lines, code, message) => {
  const place = { file: expect.stringContaining('routes/main.ts') as string, line: expect.any(Number) as number }
  await expect(started(lines)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message) as string,
    problems: [{ ...place }],
  })
})
