/** Against a list that is searched; and what a table of this kind gets wrong: ends that wrap round, gaps, growth, one hash for all. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Message } from '../message/message.ts'
import { Table, type Entry } from './table.ts'

const asked = Message.request('OPTIONS', 'sip:bob@example.net')

class Named implements Entry {
  readonly name: string
  readonly hash: number
  /** How often it was looked into. */
  compared = 0

  constructor(name: string, hash: number) {
    this.name = name
    this.hash = hash
  }

  fits(message: Message, method: string): boolean {
    this.compared++
    return message === asked && method === this.name
  }
}

function found(table: Table<Named>, { hash, name }: Named): Named | undefined {
  return table.get(hash, asked, name)
}

function filled(hashes: readonly number[]): { table: Table<Named>; entries: Named[] } {
  const table = new Table<Named>()
  const entries = hashes.map((hash, i) => new Named(`n${i}`, hash))
  for (const entry of entries) table.add(entry)
  return { table, entries }
}

describe('what is in it', () => {
  it('is found by its hash, and by what fits among those of one hash', () => {
    const { table, entries } = filled([7, 7, 7, 8, 0, -1, 2 ** 31 - 1])
    expect(entries.map((entry) => found(table, entry))).toEqual(entries)
    expect([table.get(7, asked, 'n3'), table.get(9, asked, 'n0'), table.size]).toEqual([undefined, undefined, 7])
  })

  it('is looked into only where all of the hash fits', () => {
    const { table, entries } = filled([5, 5 + 64, 5 + (1 << 20)])
    expect(found(table, entries[2]!)).toBe(entries[2])
    expect(entries.map(({ compared }) => compared)).toEqual([0, 0, 1])
  })

  it('is what was put in and not taken out, whatever the order', () => {
    // Few hashes, around the end of the smallest table: much falls together, and wraps round.
    const hash = fc.oneof(fc.integer({ min: 58, max: 70 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))
    const steps = fc.array(fc.record({ hash, goes: fc.boolean(), which: fc.nat() }), { maxLength: 400 })
    fc.assert(
      fc.property(steps, (all) => {
        const table = new Table<Named>()
        const model: Named[] = []
        for (const [i, step] of all.entries()) {
          if (step.goes && model.length > 0) table.delete(model.splice(step.which % model.length, 1)[0]!)
          else table.add((model[model.length] = new Named(`n${i}`, step.hash)))
          expect(table.size).toBe(model.length)
        }
        for (const entry of model) expect(found(table, entry)).toBe(entry)
        expect(new Set(table.values())).toEqual(new Set(model))
      }),
    )
  })
})

describe('what was taken out', () => {
  it('is not found, and those that had to stand behind it are', () => {
    const { table, entries } = filled([63, 63, 64, 63, 64, 66])
    table.delete(entries[0]!)
    table.delete(entries[2]!)
    expect(entries.map((entry) => found(table, entry)?.name)).toEqual([undefined, 'n1', undefined, 'n3', 'n4', 'n5'])
  })

  it('can be taken out once more', () => {
    const { table, entries } = filled([1, 1])
    for (let i = 0; i < 2; i++) table.delete(entries[0]!)
    expect([table.size, found(table, entries[1]!)]).toEqual([1, entries[1]])
  })

  it('costs who comes later nothing: where there is room for a few, thousands come and go', () => {
    const { table } = filled([])
    for (let i = 0; i < 10_000; i++) {
      const entry = new Named(`n${i}`, i)
      table.add(entry)
      table.delete(entry)
    }
    const last = new Named('last', 3)
    table.add(last)
    expect([found(table, last), table.size]).toEqual([last, 1])
  })
})

it('grows and shrinks, and loses nobody', () => {
  const { table, entries } = filled(Array.from({ length: 5_000 }, (_, i) => Math.imul(i, 0x9e3779b1)))
  expect(entries.every((entry) => found(table, entry) === entry)).toBe(true)
  for (const entry of entries.slice(10)) table.delete(entry)
  expect([table.size, table.values().length]).toEqual([10, 10])
  expect(entries.slice(0, 10).every((entry) => found(table, entry) === entry)).toBe(true)
})

it('a flood of one hash makes the table slow for this hash, and leaves nothing behind', () => {
  const { table, entries } = filled(Array.from({ length: 1_000 }, () => 42))
  expect(found(table, entries[999]!)).toBe(entries[999])
  const other = new Named('other', 500_000 + 42)
  table.add(other)
  for (const entry of entries) table.delete(entry)
  expect([found(table, other), table.size, table.values()]).toEqual([other, 1, [other]])
})
