/** What the config says when it says nothing, under a key that dies with the process. */
import { identityOptions, type IdentityConfig } from './from-config.ts'
import type { IdentityOptions } from './identities.ts'
import { randomKey } from './keys.ts'

export const defaultIdentityConfig: IdentityConfig = {
  restoreMode: 'auto',
  restoreFormat: 'sealed',
  rrFromParam: 'vsf',
  rrToParam: 'vst',
  restorePassword: [''],
}

export function defaultIdentities(): IdentityOptions {
  return identityOptions(defaultIdentityConfig, randomKey)
}
