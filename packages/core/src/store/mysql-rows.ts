/** MySQL's values as SQLite gives them, so that a route reads the same from both. */
import type { FieldPacket } from 'mysql2/promise'
import type { Row } from './database.ts'

/** Column types of the protocol that need a look; `mysql2` has no names for them in its types. */
const FLOAT = 4
const LONGLONG = 8
const NEWDECIMAL = 246

export function plainRows(rows: readonly Row[], fields: readonly FieldPacket[]): Row[] {
  const convert = fields.map(({ name, columnType }) => ({ name, change: changes.get(columnType ?? 0) ?? asIs }))
  return rows.map((row) => {
    const plain: Row = {}
    for (const { name, change } of convert) plain[name] = change(row[name])
    return plain
  })
}

const changes = new Map<number, (value: unknown) => unknown>([
  [FLOAT, (value) => (typeof value === 'number' ? shortest(value) : value)],
  // The driver leaves those beyond 2^53 as text.
  [LONGLONG, (value) => (typeof value === 'string' ? BigInt(value) : value)],
  // `sum` of integers is a decimal here.
  [NEWDECIMAL, (value) => (typeof value === 'string' ? Number(value) : value)],
])

/** Blobs come as Buffers. */
function asIs(value: unknown): unknown {
  return Buffer.isBuffer(value) ? new Uint8Array(value) : value
}

/** 32 bits hold 0.7 as 0.699999988: the shortest decimal that is the same 32 bits is what was written. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits))
    if (Math.fround(rounded) === value) return rounded
  }
  return value
}
