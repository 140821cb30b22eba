/** What a route asks the database. */

/** What may stand in `${ }`. A boolean is bound as 1 or 0, a Date as `YYYY-MM-DD hh:mm:ss` in UTC. */
export type SqlValue = string | number | bigint | boolean | null | Date | Uint8Array

/**
 * What comes back, the same from MySQL and SQLite: integers are numbers, or bigints beyond 2^53; decimals are numbers; dates are strings as
 * they stand in the table; blobs are `Uint8Array`.
 */
export type SqlResult = string | number | bigint | null | Uint8Array

/**
 * Asks the database of the config; every `${ }` is a bound parameter, never part of the text.
 *
 * @example
 * const [row] = await sql<{ password: string }>`select password from subscriber where username = ${req.from.uri.user}`
 *
 * Resolves with the rows; `insert`, `update` and `delete` resolve with `[]`, unless they say `returning`. Nothing goes to the network of
 * calls, and no other call waits, with one exception: SQLite computes on the main thread, so a statement should take milliseconds. One that
 * takes seconds stops every call for as long, and `handlers.cpu` does not end it: long queries are for MySQL. Where another process holds the
 * SQLite file, queries wait for it up to 2 s, in their order, and calls go on meanwhile.
 *
 * Rejects with a `SignalboxError`: `BAD_SQL` for what cannot be bound (`undefined`, an object), for a text that did not come as a template,
 * or for two statements in one; `DATABASE` with the server's own words when it refuses, is away, or has not answered after 10 s (after 3 s
 * when it cannot be connected to). A route that does not catch costs its own call only: 500, or in a failure route the received answer.
 */
export type Sql = <Row extends object = Record<string, SqlResult>>(
  template: TemplateStringsArray,
  ...values: readonly SqlValue[]
) => Promise<Row[]>
