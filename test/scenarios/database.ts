/**
 * Which database the simulations of trunks and registrar use: one in memory each, unless the file that runs the suites brings another
 * (`test/interop/scenarios.test.ts`: MariaDB).
 */
import type { Simulation } from '@signalbox/core/testing'

interface Databases {
  /** Gives the URL of an empty database, a new one each time. */
  open: (() => Promise<string>) | undefined
}

export const databases: Databases = { open: undefined }

/** For `simulate`. Default: the simulation's own. */
export async function emptyDatabase(): Promise<{ database?: string }> {
  return databases.open === undefined ? {} : { database: await databases.open() }
}

/** Whether the tables of `db init` have to be made by hand: a database of the user's is not altered without being asked. */
export async function createUsersTables(net: Simulation): Promise<void> {
  if (databases.open !== undefined) await net.createTables()
}
