import { expect, test } from 'vitest'
import { SignalboxError } from '../errors.ts'
import { sampleSettings } from '../testing/runtime-rig.ts'
import { CommonRoutes, type Taker } from './common-routes.ts'
import type { Commit, NumberedRoutes } from './protocol.ts'

const bundle = (hash: string) => ({ code: '', map: '', hash, inputs: [] }) as unknown as NumberedRoutes['bundle']
const first: NumberedRoutes = { bundle: bundle('a'), settings: sampleSettings, armed: [], number: 1 }

/** A worker that does as it is told, and notes it. */
class FakeWorker implements Taker {
  readonly worker: number
  readonly done: string[] = []
  generation: number | undefined = 1
  followed: Commit['config']
  refusal: Error | undefined
  /** Awaited before it stages. */
  pause: Promise<void> | undefined

  constructor(worker: number) {
    this.worker = worker
  }

  get isUp(): boolean {
    return this.generation !== undefined
  }

  async stage({ number, bundle: { hash } }: NumberedRoutes): Promise<void> {
    await this.pause
    if (this.refusal !== undefined) throw this.refusal
    this.done.push(`stage ${number} ${hash}`)
  }

  async commit({ number }: Pick<NumberedRoutes, 'number'>, { ending }: Commit): Promise<void> {
    this.done.push(`commit ${number} ${ending}`)
    this.generation = number
  }

  async follow(routes: NumberedRoutes, config: Commit['config']): Promise<void> {
    this.done.push(`follow ${routes.number}`)
    this.followed = config
    await this.pause
    this.generation = routes.number
  }

  tell(name: string): void {
    this.done.push(name)
  }
}

function rig() {
  const workers = [new FakeWorker(0), new FakeWorker(1)] as const
  const scratch = { evaluate: async () => [] }
  return { workers, routes: new CommonRoutes({ first, slots: workers, scratch }) }
}

test('all stage before the first commits', async () => {
  const { workers, routes } = rig()
  let go = (): void => undefined
  workers[1].pause = new Promise((resolve) => (go = resolve))
  const loading = routes.load({ bundle: bundle('b') })
  await new Promise((resolve) => setImmediate(resolve))
  expect(workers[0].done).toEqual(['stage 2 b'])
  expect(routes.live.number).toBe(1)
  go()
  await loading
  for (const { done } of workers) expect(done).toEqual(['stage 2 b', 'commit 2 superseded'])
  expect(routes.live).toMatchObject({ number: 2, bundle: { hash: 'b' } })
})

test('one refuses: nobody commits, all are told, and the number is free for the next', async () => {
  const { workers, routes } = rig()
  workers[1].refusal = new SignalboxError('ON_LOAD', 'onLoad threw', [{ text: 'onLoad threw' }])
  await expect(routes.load({ bundle: bundle('b') })).rejects.toMatchObject({ code: 'ON_LOAD' })
  expect(workers[0].done).toEqual(['stage 2 b', 'abort'])
  expect(workers[1].done).toEqual(['abort'])
  expect(routes.live).toBe(first)
  workers[1].refusal = undefined
  await routes.load({ bundle: bundle('c') })
  for (const { generation } of workers) expect(generation).toBe(2)
})

test('one ends meanwhile: refused, and the reason says which', async () => {
  const { workers, routes } = rig()
  workers[0].refusal = new Error('it has ended by SIGKILL')
  const error = await routes.load({ bundle: bundle('b') }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(SignalboxError)
  expect(error).toMatchObject({ code: 'ON_LOAD', message: expect.stringMatching(/^worker 0 .*SIGKILL$/) as string })
})

test('one that is away does not hold it up; one that came up meanwhile follows', async () => {
  const { workers, routes } = rig()
  workers[1].generation = undefined
  await routes.load({ bundle: bundle('b') })
  expect(workers[1].done).toEqual([])
  // It was started with what was live then.
  workers[1].generation = 1
  await routes.load({ bundle: bundle('c') })
  await new Promise((resolve) => setImmediate(resolve))
  expect(workers[0].done).toEqual(['stage 2 b', 'commit 2 superseded', 'stage 3 c', 'commit 3 superseded'])
  expect(workers[1].done).toEqual(['follow 3'])
})

test('a rollback brings back what was live before under another hash, a second one undoes it', async () => {
  const { workers, routes } = rig()
  await expect(routes.rollback()).rejects.toMatchObject({ code: 'ROLLBACK' })
  await routes.load({ bundle: bundle('b') })
  await routes.load({ bundle: bundle('b') })
  await routes.rollback()
  await routes.rollback()
  expect(workers[0].done.filter((what) => what.startsWith('stage'))).toEqual([
    'stage 2 b',
    'stage 3 b',
    'stage 4 a',
    'stage 5 b',
  ])
  expect(workers[0].done.at(-1)).toBe('commit 5 rolled back')
})

test('one that is being given what is live is not given it twice: the second would take back the first', async () => {
  const { workers, routes } = rig()
  workers[1].generation = undefined
  await routes.load({ bundle: bundle('b') })
  let go = (): void => undefined
  workers[1].pause = new Promise((resolve) => (go = resolve))
  workers[1].generation = 1
  const following = routes.catchUp(workers[1])
  await routes.load({ bundle: bundle('c') })
  expect(workers[1].done).toEqual(['follow 2'])
  go()
  await following
  expect(workers[1].done).toEqual(['follow 2', 'follow 3'])
})

test('what another process has staged is not made live in the one that took its place: that one follows', async () => {
  const { workers, routes } = rig()
  workers[1].commit = async () => undefined
  await routes.load({ bundle: bundle('b') })
  await new Promise((resolve) => setImmediate(resolve))
  expect(workers[1].done).toEqual(['stage 2 b', 'follow 2'])
})

test('one that was being started gets with the routes what a reload took on of the config, also by a later reload without one', async () => {
  const { workers, routes } = rig()
  const config = { drain: { timeout: 3_000 } } as NonNullable<Commit['config']>
  workers[1].generation = undefined
  let seen: Commit['config']
  workers[0].commit = async ({ number }) => {
    // Who is started now is given both, too.
    seen = routes.config
    workers[0].generation = number
  }
  await routes.load({ bundle: bundle('b'), config })
  expect(seen).toBe(config)
  workers[1].generation = 1
  await routes.catchUp(workers[1])
  expect(workers[1].followed).toBe(config)
  workers[1].followed = undefined
  workers[1].generation = 1
  await routes.rollback()
  await new Promise((resolve) => setImmediate(resolve))
  expect(workers[1].followed).toBe(config)
})
