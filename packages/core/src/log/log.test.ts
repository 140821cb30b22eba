/** What stands on stdout: in a process of its own, whose stdout is a pipe. The code is the built one, as a child can run it. */
import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const built = pathToFileURL(path.resolve(import.meta.dirname, '../../dist/log/log.js')).href

/** The lines that a program leaves, which has a `log` with these options. */
async function lines(options: object, program: string): Promise<string[]> {
  const text = `import { openLog } from ${JSON.stringify(built)}\nconst log = openLog(${JSON.stringify(options)})\n${program}\n`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', text])
  return stdout.split('\n').filter((line) => line !== '')
}

const json = { level: 'info', format: 'json' }

describe('as JSON', () => {
  it('a line has its level, its time and the Call-ID', async () => {
    const [ofCall, ofCore] = (await lines(json, `log.ofCall('call-1').warn('busy'); log.info('up')`)).map(
      (line) => JSON.parse(line) as Record<string, string>,
    )
    expect(ofCall).toEqual({ level: 'warn', time: expect.any(String) as string, callId: 'call-1', msg: 'busy' })
    expect(new Date(ofCall!.time!).toISOString()).toBe(ofCall!.time)
    expect(ofCore).toEqual({ level: 'info', time: expect.any(String) as string, msg: 'up' })
  })

  it('keeps to one line, whatever is logged', async () => {
    const [line, ...others] = await lines(json, `log.info('a\\r\\nb "c" \\0')`)
    expect([(JSON.parse(line!) as { msg: string }).msg, others]).toEqual(['a\r\nb "c" \0', []])
  })

  it('that was closed is waited for by nobody: a process may open one after another', async () => {
    const program = `
      const count = () => ['beforeExit', 'exit'].map((event) => process.listenerCount(event)).join()
      const before = count()
      for (let i = 0; i < 20; i++) openLog({ level: 'info', format: 'json' }).close()
      log.info(before + ' ' + count())`
    const [line] = await lines(json, program)
    const [before, after] = (JSON.parse(line!) as { msg: string }).msg.split(' ')
    expect(after).toBe(before)
  })

  it('has the levels from the wanted one on', async () => {
    const program = `for (const level of ['debug', 'info', 'warn', 'error']) log[level](level)`
    for (const [i, level] of ['debug', 'info', 'warn', 'error'].entries()) {
      expect(await lines({ ...json, level }, program)).toHaveLength(4 - i)
    }
  })
})

describe('what was logged last is not lost', () => {
  const many = `for (let i = 0; i < 1000; i++) log.info('line ' + i)`

  it.each([
    ['when the process ends by itself', `${many}\nlog.close()`],
    ['when it is ended', `${many}\nprocess.exit(0)`],
    [
      'when it dies of an exception',
      `process.on('uncaughtException', () => process.exit(0))\n${many}\nthrow new Error()`,
    ],
  ])('%s', async (_, program) => {
    const written = await lines(json, program)
    expect([written.length, written.at(-1)]).toEqual([1_000, expect.stringContaining('line 999') as string])
  })
})

it('many lines are handed over often, and one timer waits for the last of them', async () => {
  const program = `let timers = 0
const start = globalThis.setTimeout
globalThis.setTimeout = (...args) => (timers++, start(...args))
for (let i = 0; i < 5_000; i++) log.info('a call comes, and is sent on to where the callee is')
log.info(String(timers))`
  const written = await lines(json, program)
  expect(written).toHaveLength(5_001)
  expect(JSON.parse(written.at(-1)!)).toMatchObject({ msg: '1' })
})

describe('as text', () => {
  it('has the Call-ID at its end, and no colours where nobody watches a terminal', async () => {
    const program = `log.ofCall('call-1').error('failed'); log.ofCall('a{msg}$1@b').warn('{callId}'); log.info('up')`
    const [ofCall, odd, ofCore] = await lines({ level: 'info', format: 'text' }, program)
    expect(ofCall).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] ERROR: failed \(call-1\)$/)
    expect(odd).toMatch(/ WARN: {callId} \(a{msg}\$1@b\)$/)
    expect(ofCore).toMatch(/ INFO: up$/)
  })

  it('gives a terminal no orders', async () => {
    const program = String.raw`log.warn('403 \x1b[2J\x9b1mNo\x07'); log.warn('a\n\tb'); log.warn(5)`
    const [odd, ...others] = await lines({ level: 'info', format: 'text' }, program)
    expect(odd).toMatch(/ WARN: 403 \uFFFD\[2J\uFFFD1mNo\uFFFD$/)
    expect(others).toEqual([expect.stringMatching(/ WARN: a$/), '\tb', expect.stringMatching(/ WARN: 5$/)])
  })

  it('auto is JSON into a pipe', async () => {
    const [line] = await lines({ level: 'info', format: 'auto' }, `log.info('up')`)
    expect(JSON.parse(line!)).toMatchObject({ msg: 'up' })
  })
})
