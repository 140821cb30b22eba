/** What a runtime needs that stands alone: no proxy, no database, and nothing is sent. */
import type { RuntimeOptions } from '../runtime/options.ts'
import { PinnedDialogs } from '../runtime/pinned-dialogs.ts'
import type { GenerationSettings } from '../runtime/settings.ts'
import { Turns } from '../runtime/turns.ts'
import { noSql } from '../store/sql.ts'
import { Timers } from '../timers/timers.ts'
import { NonceCounts } from '../uac/nonce-counts.ts'
import { SampleRegistrar } from './registrar-rig.ts'
import { VirtualClock } from './virtual-clock.ts'

export const sampleSettings: GenerationSettings = {
  uac: { credentials: [], authVars: { username: '', password: '', realm: '' } },
  handlers: { deadline: 30_000, cpu: 200 },
}

export function runtimeOptions(changed: Partial<RuntimeOptions> = {}): RuntimeOptions {
  const clock = new VirtualClock()
  return {
    root: '/',
    timerC: 1,
    maxBranches: 64,
    settings: sampleSettings,
    nonceCounts: new NonceCounts(),
    registrar: new SampleRegistrar().registrar,
    sql: noSql,
    counters: { running: () => undefined, sending: () => undefined, threw: () => undefined, givenUp: () => undefined },
    observer: undefined,
    turns: new Turns(),
    pinned: new PinnedDialogs(10, clock),
    timers: new Timers(clock),
    requests: () => {
      throw new Error('nothing is sent here')
    },
    log: () => ({ debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }),
    ...changed,
  }
}
