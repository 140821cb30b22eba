/** Names are checked before anything is live; a generation is done when nothing runs on it. */
import { describe, expect, it } from 'vitest'
import { SignalboxError } from '../errors.ts'
import { noSql } from '../store/sql.ts'
import { tempBundle } from '../testing/temp-bundle.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { Timers } from '../timers/timers.ts'
import { Generation } from './generation.ts'
import { SampleRegistrar } from '../testing/registrar-rig.ts'
import { Runtime } from './runtime.ts'
import { Turns } from './turns.ts'
import { NonceCounts } from '../uac/nonce-counts.ts'

async function generation(source: string): Promise<Generation> {
  const { bundle, root } = await tempBundle(
    `import { onFailure, onInDialog, onReply, onRequest } from '@signalbox/dsl'\n${source}`,
  )
  return new Generation(3, bundle, root)
}

async function refusal(source: string): Promise<SignalboxError> {
  const error: unknown = await generation(source).catch((reason: unknown) => reason)
  if (error instanceof SignalboxError) return error
  throw error instanceof Error ? error : new Error('the routes were taken')
}

describe('its routes', () => {
  const source = `onRequest(() => {})\nonInDialog(() => {})\nonFailure('A', () => {})\nonFailure('B', () => {})\n`

  it('are found by kind and name, with the place of each', async () => {
    const made = await generation(source)
    expect([made.request, made.inDialog, made.named('failure', 'A'), made.named('failure', 'B')]).toMatchObject([
      { title: 'onRequest', where: 'routes/main.ts:2:1' },
      { title: 'onInDialog', where: 'routes/main.ts:3:1' },
      { title: `onFailure 'A'`, where: 'routes/main.ts:4:1' },
      { title: `onFailure 'B'`, where: 'routes/main.ts:5:1' },
    ])
    expect(() => made.named('failure', 'C')).toThrow(`no onFailure is named 'C': there is 'A', 'B'`)
    expect(() => made.named('reply', 'A')).toThrow(`no onReply is named 'A': there is none`)
  })

  it('in dialogs and for failures may be missing', async () => {
    const made = await generation('onRequest(() => {})')
    expect(made.inDialog).toBeUndefined()
    expect(() => made.named('failure', 'A')).toThrow('there is none')
  })
})

describe('names that are armed and that no route has', () => {
  const routes = `onRequest(({ relay }) => relay({ to: 'sip:192.0.2.1', onFailure: NAME }))
onFailure('TRUNKAUTH', () => {})
onReply('LISTEN', () => {})
`
  const on = (name: string) => routes.replace('NAME', name)
  const place = { file: 'routes/main.ts', line: 2, column: 66 }

  it.each([
    ['nearly', 'TRUNKAUTHX', `there is 'TRUNKAUTH'`, `did you mean 'TRUNKAUTH'?`],
    ['not at all', 'ELSEWHERE', `there is 'TRUNKAUTH'`, `register onFailure('ELSEWHERE', …)`],
    [
      'but one of another kind',
      'LISTEN',
      `there is 'TRUNKAUTH', though there is onReply 'LISTEN'`,
      `arm it as onReply: 'LISTEN', or register onFailure('LISTEN', …)`,
    ],
    ['since it is empty', '', `there is 'TRUNKAUTH'`, 'leave it out, or name a route'],
  ])('%s: what there is, where, and what was meant', async (_, name, there, hint) => {
    const { code, message, problems } = await refusal(on(`'${name}'`))
    const text = `no onFailure is named '${name}': ${there}`
    expect([code, message, problems]).toEqual(['NO_ROUTE', text, [{ text, hint, ...place }]])
  })

  it('are all told, each once', async () => {
    const more = `onInDialog((call) => call.relay({ onFailure: 'X', onReply: 'Y' }))\n`
    const { problems } = await refusal(`${on(`'X'`)}${more}`)
    expect(problems).toMatchObject([
      { text: `no onFailure is named 'X': there is 'TRUNKAUTH'`, ...place },
      { text: `no onReply is named 'Y': there is 'LISTEN'`, line: 5, column: 60 },
    ])
  })

  it.each([
    ['computed ones', on(`['X', 'Y'].join('')`)],
    ['those of other functions', `${on(`'TRUNKAUTH'`)}const watch = (_: object) => {}\nwatch({ onFailure: 'X' })\n`],
    ['those that there are', on(`'TRUNKAUTH'`)],
  ])('%s are not looked for', async (_, source) => {
    expect((await generation(source)).request.title).toBe('onRequest')
  })

  it('do not keep out a bundle that V8 takes and the parser does not', async () => {
    const { bundle, root } = await tempBundle(`import { onRequest } from '@signalbox/dsl'\nonRequest(() => {})\n`)
    const code = `${bundle.code}\nvoid new.target\nif (false) relay({ onFailure: 'X' })\n`
    expect(new Generation(1, { ...bundle, code }, root).request.title).toBe('onRequest')
  })
})

describe('refused before it is live', () => {
  it('no onRequest: what to add', async () => {
    const { code, problems } = await refusal(`onFailure('A', () => {})`)
    expect([code, problems]).toMatchObject(['NO_ROUTE', [{ hint: 'add onRequest(({ relay }) => relay())' }]])
  })

  it.each([
    ['onRequest', 'onRequest(() => {})\nonRequest(() => {})', 'routes/main.ts:2:1', 'routes/main.ts:3:1'],
    [
      'onInDialog',
      'onInDialog(() => {})\nonRequest(() => {})\nonInDialog(() => {})',
      'routes/main.ts:2:1',
      'routes/main.ts:4:1',
    ],
    [
      `onFailure 'A'`,
      `onFailure('A', () => {}); onFailure('A', () => {})`,
      'routes/main.ts:2:1',
      'routes/main.ts:2:27',
    ],
  ])('two of %s: both places are named', async (title, source, first, second) => {
    const { code, message, problems } = await refusal(source)
    expect([code, message]).toEqual(['DUPLICATE_ROUTE', `${title} is registered twice: ${first} and ${second}`])
    const [file, line, column] = second.split(':')
    const hint = title.includes("'") ? 'or give the second another name' : 'what both do can be functions that it calls'
    expect(problems).toMatchObject([
      { file, line: Number(line), column: Number(column), hint: expect.stringContaining(hint) as string },
    ])
  })

  it('a handler that is no function: where', async () => {
    const { code, problems } = await refusal(`onRequest(() => {})\n// @ts-ignore\nonFailure('A', 'B')`)
    expect([code, problems]).toMatchObject([
      'BAD_BUNDLE',
      [{ text: 'onFailure was given no function', file: 'routes/main.ts', line: 4, column: 1 }],
    ])
  })

  it('a kind of route that a newer dsl brings: which', async () => {
    const { bundle, root } = await tempBundle(`import { onRequest } from '@signalbox/dsl'\nonRequest(() => {})\n`)
    const newer = { ...bundle, code: bundle.code.replace(/"request"/g, '"later"') }
    expect(() => new Generation(1, newer, root)).toThrow('no route kind "later" is known')
  })
})

describe('its life', () => {
  it('ends when another is live and its last transaction has ended', async () => {
    const made = await generation('onRequest(() => {})')
    made.begin()
    made.begin()
    expect(made.info).toMatchObject({ number: 3, state: 'live', transactions: 2, hash: made.bundle.hash })
    made.end()
    made.retire()
    expect([made.state, made.info.transactions]).toEqual(['draining', 1])
    made.end()
    expect(made.state).toBe('disposed')
  })

  it('ends at once when nothing runs on it, and not while it is live', async () => {
    const made = await generation('onRequest(() => {})')
    made.begin()
    made.end()
    expect(made.state).toBe('live')
    made.retire()
    expect(made.state).toBe('disposed')
  })
})

describe('a reload', () => {
  const options = {
    timerC: 1,
    maxBranches: 64,
    uac: { credentials: [], authVars: { username: '', password: '', realm: '' } },
    nonceCounts: new NonceCounts(),
    registrar: new SampleRegistrar().registrar,
    sql: noSql,
    counters: {
      running: () => undefined,
      sending: () => undefined,
      threw: () => undefined,
      givenUp: () => undefined,
    },
    turns: new Turns(),
    observer: undefined,
    timers: new Timers(new VirtualClock()),
    deadline: 30_000,
    requests: () => {
      throw new Error('nothing is sent here')
    },
    log: () => ({ debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }),
  }
  const good = `import { onRequest } from '@signalbox/dsl'\nonRequest(() => {})\n`

  it('makes the next number live and lists what was, newest first', async () => {
    const { bundle, root } = await tempBundle(good)
    const runtime = new Runtime(bundle, { ...options, root })
    const first = runtime.live
    first.begin()
    await runtime.load(bundle)
    await runtime.load(bundle)
    expect(runtime.list().map(({ number, state }) => [number, state])).toEqual([
      [3, 'live'],
      [2, 'disposed'],
      [1, 'draining'],
    ])
    first.end()
    expect(runtime.list().at(-1)).toMatchObject({ number: 1, state: 'disposed', transactions: 0 })
  })

  it('that is refused changes nothing, and the next good one is taken', async () => {
    const { bundle, root } = await tempBundle(good)
    const bad = await tempBundle(`throw new Error('no')\n`)
    const runtime = new Runtime(bundle, { ...options, root })
    await expect(runtime.load(bad.bundle)).rejects.toThrow(SignalboxError)
    expect(runtime.list().map(({ number, state }) => [number, state])).toEqual([[1, 'live']])
    expect((await runtime.load(bundle)).number).toBe(2)
  })

  it('keeps the list short', async () => {
    const { bundle, root } = await tempBundle(good)
    const runtime = new Runtime(bundle, { ...options, root })
    for (let i = 0; i < 50; i++) await runtime.load(bundle)
    expect([runtime.list().length, runtime.live.number]).toEqual([21, 51])
  })
})
