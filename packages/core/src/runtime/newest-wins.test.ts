/** One at a time, the newest of those that wait, and nobody who asked is forgotten. */
import { expect, it } from 'vitest'
import { NewestWins } from './newest-wins.ts'

/** Work that the test ends. */
function works() {
  const begun: { name: string; end: (result: string) => void; fail: (error: Error) => void }[] = []
  const work = (name: string) => () =>
    new Promise<string>((end, fail) => begun.push({ name, end, fail: (error) => fail(error) }))
  return { begun, work }
}

it('begins at once, and what comes meanwhile is one more round: the newest', async () => {
  const { begun, work } = works()
  const reloads = new NewestWins<string>()
  const results = ['a', 'b', 'c', 'd'].map((name) => reloads.run(work(name)))
  expect(begun.map(({ name }) => name)).toEqual(['a'])
  begun[0]!.end('A')
  expect(await results[0]).toBe('A')
  expect(begun.map(({ name }) => name)).toEqual(['a', 'd'])
  begun[1]!.end('D')
  expect(await Promise.all(results.slice(1))).toEqual(['D', 'D', 'D'])
})

it('what comes while the last round runs has a round of its own', async () => {
  const { begun, work } = works()
  const reloads = new NewestWins<string>()
  const first = reloads.run(work('a'))
  const second = reloads.run(work('b'))
  begun[0]!.end('A')
  await first
  const third = reloads.run(work('c'))
  begun[1]!.end('B')
  expect(await second).toBe('B')
  begun[2]!.end('C')
  expect(await third).toBe('C')
})

it('a failure is heard by those it concerns, and the next round begins all the same', async () => {
  const { begun, work } = works()
  const reloads = new NewestWins<string>()
  const first = reloads.run(work('a'))
  const others = [reloads.run(work('b')), reloads.run(work('c'))]
  begun[0]!.fail(new Error('no'))
  await expect(first).rejects.toThrow('no')
  begun[1]!.fail(new Error('neither'))
  for (const other of others) await expect(other).rejects.toThrow('neither')
  const last = reloads.run(work('d'))
  begun[2]!.end('D')
  expect(await last).toBe('D')
})
