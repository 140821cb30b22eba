/**
 * What a reload makes of a config that was read again: some of it goes live with the generation or at once, the rest is what sockets, stores
 * and tables were opened with, and waits for the next start. Keys are named, values never: some are passwords.
 */
import { isDeepStrictEqual } from 'node:util'
import type { GenerationSettings } from '../runtime/settings.ts'
import type { ResolvedConfig } from './config.ts'

/** Taken on by a reload. Everything else needs a restart. */
const atReload = new Set([
  'routes',
  'uac.credentials',
  'uac.authVars',
  'uac.restoreVars',
  // `handlers.cpu` not: the watcher's thread was started with it.
  'handlers.deadline',
  'drain',
  'log.level',
  // Not what the user set, but what is made of it.
  'file',
  'dir',
  'notInForce',
])

/** Named as a whole, because the config spells them differently from what they are resolved to. */
const whole = new Set(['listen', 'database', 'admin', ...atReload])

/** The part that goes live with a generation. */
export function settingsOf({ uac, handlers }: ResolvedConfig): GenerationSettings {
  const { credentials, authVars, restoreVars } = uac
  return { uac: { credentials, authVars, restoreVars }, handlers }
}

/** The keys, such as `uac.registration.interval`, whose new value does not hold before the next start. */
export function restartKeys(running: ResolvedConfig, next: ResolvedConfig): string[] {
  return differences(running, next, '').filter((key) => !atReload.has(key))
}

function differences(before: unknown, after: unknown, key: string): string[] {
  if (isDeepStrictEqual(before, after)) return []
  if (whole.has(key) || !isSection(before) || !isSection(after)) return [key]
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) => differences(before[name], after[name], key === '' ? name : `${key}.${name}`))
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
