/** What a reload or a rollback came to, as the proxy answered it. */
import { print, printGood, printJson } from '../output.ts'

export interface Live {
  number: number
  hash: string
  /** Keys of the config that were changed and wait for the next start. */
  restart?: readonly string[]
}

export function printLive(live: Live, json = false): void {
  if (json) return printJson(live)
  printGood('live', `generation ${live.number} (${live.hash})`)
  printRestart(live.restart)
}

export function printRestart(keys: readonly string[] = []): void {
  if (keys.length > 0) print(`${keys.join(', ')} changed: ${keys.length > 1 ? 'take' : 'takes'} effect at the next start`)
}
