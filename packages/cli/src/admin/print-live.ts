/** What a reload or a rollback came to, as the proxy answered it. */
import type { GenerationInfo, Reloaded } from '@signalbox/core'
import { print, printGood, printJson } from '../output.ts'

export type Live = Pick<GenerationInfo, 'number' | 'hash'> & Partial<Pick<Reloaded, 'restart'>>

export function printLive(live: Live, json = false): void {
  if (json) return printJson(live)
  printGood('live', `generation ${live.number} (${live.hash})`)
  printRestart(live.restart)
}

export function printRestart(keys: readonly string[] = []): void {
  if (keys.length > 0)
    print(`${keys.join(', ')} changed: ${keys.length > 1 ? 'take' : 'takes'} effect at the next start`)
}
