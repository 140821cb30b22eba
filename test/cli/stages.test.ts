/** Reloads of a real process that must not hurt: a top level that never ends, many at once, and the way back. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runCli, startCli, workers } from './cli-process.ts'
import { statusLineOf } from './options-request.ts'
import { anyPort, routes, tempProject } from './temp-project.ts'

async function running(text = routes()) {
  const dir = await tempProject({ 'signalbox.config.ts': anyPort, 'routes/main.ts': text })
  const cli = startCli(['start', dir])
  const [, port, admin] = await cli.says(/listening on udp:127\.0\.0\.1:(\d+); admin on (127\.0\.0\.1:\d+)/)
  const ctl = (...args: string[]) => runCli(['ctl', ...args, '--admin', admin!])
  return {
    cli,
    ctl,
    admin: admin!,
    port: Number(port),
    save: (text: string) => writeFile(path.join(dir, 'routes/main.ts'), text),
  }
}

const looping = `${routes('Looped')}
function wait(): void {
  for (;;) Math.random()
}

wait()
`

test('a top level that loops is refused with its line, while requests are answered, and the next good reload works', async () => {
  const { cli, ctl, port, save } = await running()
  await save(looping)
  let isRefused = false
  const refused = ctl('routes.reload').finally(() => (isRefused = true))
  let answered = 0
  while (!isRefused) {
    expect(await statusLineOf(port)).toBe('SIP/2.0 403 No trunk')
    answered++
  }
  const { code, stderr } = await refused
  expect(code).toBe(1)
  expect(stderr).toMatch(/routes\/main\.ts:6:\d+: the top level did not end within 2000 ms/)
  expect(answered).toBeGreaterThan(10)
  await cli.says(/reload refused: .*routes\/main\.ts:6:\d+: the top level did not end/)
  await save(routes('Mended'))
  expect(await ctl('routes.reload')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('"number": 2') as string,
  })
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Mended')
})

test('a proxy whose top level loops does not start, and says where', async () => {
  const dir = await tempProject({ 'signalbox.config.ts': anyPort, 'routes/main.ts': looping })
  const { code, stderr } = await runCli(['start', dir])
  expect([code, stderr]).toEqual([1, expect.stringMatching(/routes\/main\.ts:6:\d+: the top level did not end/)])
})

test('what a top level prints is printed once in each worker, though it is evaluated before', async () => {
  const { cli, ctl, save } = await running()
  await save(`${routes('Printed')}console.log('evaluated')\n`)
  expect((await ctl('routes.reload')).code).toBe(0)
  cli.kill('SIGTERM')
  expect((await cli.finished).stdout.match(/^evaluated$/gm)).toHaveLength(workers)
})

test('twenty at once are two: the one that runs, and one more for all that came meanwhile', async () => {
  const { admin, port, save } = await running()
  await save(routes('Newest'))
  const batch = Array.from({ length: 20 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'routes.reload' }))
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`http://${admin}/rpc`, { method: 'POST', headers, body: JSON.stringify(batch) })
  const answers = (await response.json()) as { result: { number: number } }[]
  expect(answers.map(({ result }) => result.number)).toEqual([2, ...Array.from({ length: 19 }, () => 3)])
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Newest')
})

test('routes.rollback goes back, and says so where there is nothing to go back to', async () => {
  const { cli, ctl, admin, port, save } = await running()
  const nothing = await ctl('routes.rollback')
  expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('there is nothing to go back to')])
  await save(routes('Second'))
  await ctl('routes.reload')
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Second')
  expect(await ctl('routes.rollback')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('"number": 3') as string,
  })
  await cli.says(/live: generation 3 \([0-9a-f]{12}\), by a rollback/)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 No trunk')
  const metrics = await (await fetch(`http://${admin}/metrics`)).text()
  expect(metrics).toMatch(/^signalbox_generation\{generation="3",hash="[0-9a-f]{12}",state="live"\} 1$/m)
  expect(metrics).toContain('signalbox_reloads_total{result="taken"} 2')
  expect(metrics).toContain('signalbox_reloads_total{result="refused"} 1')
  const list = JSON.parse((await ctl('routes.generations')).stdout) as { number: number; ended?: string }[]
  expect(list.map(({ number, ended }) => [number, ended])).toEqual([
    [3, undefined],
    [2, 'rolled back'],
    [1, 'superseded'],
  ])
})
