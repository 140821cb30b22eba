/** The `sql` of contexts: checks, binds, asks, counts. A refusal names the line of the route that asked, also when it comes late. */
import type { Sql, SqlValue } from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'
import { databaseError, type Database } from './database.ts'
import type { QueryStatistics } from './query-statistics.ts'
import { bound, textOf } from './statement.ts'

export function makeSql(database: Pick<Database, 'query'>, statistics: QueryStatistics): Sql {
  const sql: Sql = <Row extends object>(template: TemplateStringsArray, ...values: readonly SqlValue[]) => {
    // Taken here: the driver's answer comes on a stack of its own. V8 writes it out only when somebody reads it.
    const site: { stack?: string } = {}
    Error.captureStackTrace(site, sql)
    const started = performance.now()
    return ask(database, template, values).then(
      (rows) => {
        statistics.done('ok', performance.now() - started)
        return rows as Row[]
      },
      (error: unknown) => {
        statistics.done('failed', performance.now() - started)
        throw placed(error, site)
      },
    )
  }
  return sql
}

/** For a stack without a database: a test of something else. */
export const noSql: Sql = () => Promise.reject(databaseError('there is none'))

async function ask(database: Pick<Database, 'query'>, template: TemplateStringsArray, values: readonly SqlValue[]) {
  const text = textOf(template)
  return database.query(
    text,
    values.map((value, index) => bound(value, index + 1)),
  )
}

/** An error of its own for each query: a database that is away may have refused many with one. */
function placed(error: unknown, site: { stack?: string }): SignalboxError {
  const { code, message } = error instanceof SignalboxError ? error : databaseError(String(error))
  const own = new SignalboxError(code, message)
  const frames = (site.stack ?? '').split('\n').slice(1)
  own.stack = [`${own.name} [${code}]: ${message}`, ...frames].join('\n')
  return own
}
