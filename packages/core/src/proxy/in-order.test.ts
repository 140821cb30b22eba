/** Work in the order it came, whoever takes his time. */
import { describe, expect, it } from 'vitest'
import { InOrder } from './in-order.ts'

/** A queue whose tasks are done when the test says so. */
class Rig {
  readonly queue = new InOrder()
  readonly log: string[] = []
  readonly #open = new Map<string, () => void>()

  add(name: string, isSlow = true): void {
    this.queue.add((done) => {
      this.log.push(name)
      if (isSlow) this.#open.set(name, done)
      else done()
    })
  }

  finish(name: string): void {
    this.#open.get(name)!()
  }
}

describe('RFC 3261 §16.7: replies one at a time', () => {
  it('the first begins at once, the next when it is done', () => {
    const rig = new Rig()
    for (const name of ['a', 'b', 'c']) rig.add(name)
    expect([rig.log, rig.queue.isIdle]).toEqual([['a'], false])
    rig.finish('a')
    expect(rig.log).toEqual(['a', 'b'])
    rig.finish('b')
    rig.finish('c')
    expect([rig.log, rig.queue.isIdle]).toEqual([['a', 'b', 'c'], true])
  })

  it('what is done at once leaves the queue idle', () => {
    const rig = new Rig()
    rig.add('a', false)
    rig.add('b', false)
    expect([rig.log, rig.queue.isIdle]).toEqual([['a', 'b'], true])
  })

  it('what is quick waits behind what is slow', () => {
    const rig = new Rig()
    rig.add('slow')
    for (const name of ['b', 'c', 'd']) rig.add(name, false)
    expect(rig.log).toEqual(['slow'])
    rig.finish('slow')
    expect(rig.log).toEqual(['slow', 'b', 'c', 'd'])
  })

  it('a task may add another, which comes last', () => {
    const rig = new Rig()
    rig.queue.add((done) => {
      rig.log.push('a')
      rig.add('c', false)
      rig.add('d', false)
      done()
    })
    rig.add('e', false)
    expect(rig.log).toEqual(['a', 'c', 'd', 'e'])
  })
})
