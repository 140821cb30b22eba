import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { RpcError } from '../admin/rpc.ts'
import { SignalboxError } from '../errors.ts'
import { Link, type Channel, type Handlers } from './link.ts'

interface Asked {
  double: { with: number; answer: number }
  fail: { with: string; answer: null }
}
interface Told {
  note: string
}
type Nothing = Record<never, never>

/** Two ends that only exchange text, as processes do. */
function pair(handlers: Handlers<Asked, Told>) {
  const [near, far] = [new EventEmitter(), new EventEmitter()]
  const to = (end: EventEmitter) => (message: object) => {
    const text = JSON.stringify(message)
    queueMicrotask(() => end.emit('message', JSON.parse(text)))
    return true
  }
  const end = (own: EventEmitter, other: EventEmitter): Channel => Object.assign(own, { send: to(other) })
  const asking = new Link<Asked, Told, Nothing, Nothing>(end(near, far), { asked: {}, told: {} })
  const answering = new Link<Nothing, Nothing, Asked, Told>(end(far, near), handlers)
  return { asking, answering, sent: (strange: unknown) => far.emit('message', strange) }
}

const noted: string[] = []
const handlers: Handlers<Asked, Told> = {
  asked: {
    double: async (number) => number * 2,
    fail: (how) => {
      if (how === 'user') throw new SignalboxError('ON_LOAD', 'no', [{ text: 'not so', file: 'a.ts', line: 3 }])
      if (how === 'rpc') throw new RpcError(404, 'none')
      throw new TypeError('oops')
    },
  },
  told: { note: (text) => void noted.push(text) },
}

test('questions get their answers, however many are out', async () => {
  const { asking } = pair(handlers)
  expect(await Promise.all([1, 2, 3].map((number) => asking.ask('double', number)))).toEqual([2, 4, 6])
})

test('what is told arrives before the answer to what is asked later', async () => {
  const { asking } = pair(handlers)
  asking.tell('note', 'first')
  await asking.ask('double', 1)
  expect(noted).toEqual(['first'])
})

test('an error is what it was: code, place and kind', async () => {
  const { asking } = pair(handlers)
  const user = await asking.ask('fail', 'user').catch((error: unknown) => error)
  expect(user).toBeInstanceOf(SignalboxError)
  expect(user).toMatchObject({ code: 'ON_LOAD', message: 'no', problems: [{ text: 'not so', file: 'a.ts', line: 3 }] })
  const rpc = await asking.ask('fail', 'rpc').catch((error: unknown) => error)
  expect(rpc).toBeInstanceOf(RpcError)
  expect(rpc).toMatchObject({ code: 404, message: 'none' })
  await expect(asking.ask('fail', 'bug')).rejects.toThrow(/TypeError: oops\n.*link\.test\.ts/)
})

test('when the other end is gone who waits is told, and who asks later', async () => {
  const { asking } = pair({ ...handlers, asked: { double: () => new Promise(() => undefined) } })
  const waiting = asking.ask('double', 1)
  asking.close(new Error('it has ended'))
  await expect(waiting).rejects.toThrow('it has ended')
  await expect(asking.ask('double', 2)).rejects.toThrow('it has ended')
  asking.tell('note', 'nobody hears it')
})

test('what routes or their libraries send on the channel is for nobody, and ends nobody', async () => {
  const { asking, sent } = pair(handlers)
  for (const strange of ['ready', null, 7, {}, { id: 1 }, { tell: 'nothing of ours' }, { tell: 7 }]) sent(strange)
  expect(await asking.ask('double', 1)).toBe(2)
})

test('nothing is an answer, too', async () => {
  const { asking } = pair({ ...handlers, asked: { double: () => undefined as never } })
  expect(await asking.ask('double', 1)).toBeNull()
})
