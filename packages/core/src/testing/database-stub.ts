/** A database that is a function: what a test says is what `sql` answers. */
import { SignalboxError } from '../errors.ts'
import { databaseError, type Bound, type Row } from '../store/database.ts'

/** A statement as a database gets it. */
export interface StubbedQuery {
  /** The text, with `?` where a value is bound, and runs of blanks as one. */
  readonly text: string
  /** What is bound, in order. */
  readonly values: readonly Bound[]
}

/** The rows for each statement: always the same ones, or what a function makes of it. One that throws is a database that refuses. */
export type DatabaseStub = readonly Row[] | ((query: StubbedQuery) => readonly Row[] | Promise<readonly Row[]>)

export async function askStub(stub: DatabaseStub, text: string, values: readonly Bound[]): Promise<Row[]> {
  if (typeof stub !== 'function') return [...stub]
  try {
    return [...(await stub({ text: text.trim().replace(/\s+/g, ' '), values }))]
  } catch (error) {
    throw error instanceof SignalboxError
      ? error
      : databaseError(error instanceof Error ? error.message : String(error))
  }
}
