/** Every address of this machine, as they are now. */
import os from 'node:os'

export function machineAddresses(): string[] {
  return Object.values(os.networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address))
}
