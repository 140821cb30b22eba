/** What the config's `uac` section says about replaced From and To headers, with keys made of its passwords. */
import type { IdentityOptions } from './identities.ts'
import { keyOfPassword } from './keys.ts'

export interface IdentityConfig {
  readonly restoreMode: IdentityOptions['mode']
  readonly restoreFormat: IdentityOptions['format']
  readonly rrFromParam: string
  readonly rrToParam: string
  /** '' stands for the random key. */
  readonly restorePassword: readonly string[]
}

/** Whether something is sealed, or opened, with a key that no password makes. */
export function needsRandomKey({ restoreMode, restorePassword }: IdentityConfig): boolean {
  return restoreMode !== 'none' && restorePassword.includes('')
}

/** `random` is asked for the random key, once, if it is needed. */
export function identityOptions(config: IdentityConfig, random: () => Buffer): IdentityOptions {
  const { restoreMode, restoreFormat, rrFromParam, rrToParam, restorePassword } = config
  const isUsed = restoreMode !== 'none'
  return {
    mode: restoreMode,
    format: restoreFormat,
    params: { from: rrFromParam, to: rrToParam },
    keys: isUsed ? restorePassword.map((password) => (password === '' ? random() : keyOfPassword(password))) : [],
    xorKeys: restorePassword,
  }
}
