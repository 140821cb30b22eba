/** What a bundle is known by. */
import { createHash } from 'node:crypto'
import type { Bundle } from './bundle.ts'

/** Of the map too: where nothing but comments changed, lines are other lines. */
export function hashOf({ code, map }: Pick<Bundle, 'code' | 'map'>): string {
  return createHash('sha256').update(code).update('\0').update(map).digest('hex').slice(0, 12)
}
