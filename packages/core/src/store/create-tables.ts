/** `signalbox db init`: makes the tables that are missing, and touches none that is there. */
import type { DatabaseAddress } from './address.ts'
import { createMissing, type TableReport } from './create-missing.ts'
import { openDatabase } from './store.ts'

/** Rejects with `DATABASE`; what was made before that stays. */
export async function createTables(address: DatabaseAddress): Promise<TableReport[]> {
  const silent = { info: () => undefined, warn: () => undefined }
  const database = openDatabase(address, silent)
  try {
    return await createMissing(database, address.kind)
  } finally {
    await database.close()
  }
}
