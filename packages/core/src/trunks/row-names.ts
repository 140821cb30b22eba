/** Rows by their `l_uuid`. A table without Kamailio's unique index may have one several times: the first counts, and that is said. */
import type { TrunkRow } from './columns.ts'
import { DOUBLED } from './describe.ts'

export class RowNames {
  readonly #warn: (message: string) => void
  #doubled: ReadonlySet<string> = new Set()

  constructor(warn: (message: string) => void) {
    this.#warn = warn
  }

  byName(rows: readonly TrunkRow[]): Map<string, TrunkRow> {
    const byName = new Map<string, TrunkRow>()
    const doubled = new Set<string>()
    for (const row of rows) {
      if (byName.has(row.l_uuid)) doubled.add(row.l_uuid)
      else byName.set(row.l_uuid, row)
    }
    for (const uuid of doubled) if (!this.isDoubled(uuid)) this.#warn(`trunk ${uuid || '(without l_uuid)'}: ${DOUBLED}`)
    this.#doubled = doubled
    return byName
  }

  isDoubled(uuid: string): boolean {
    return this.#doubled.has(uuid)
  }
}
