/** This package's version, as its package.json has it. */
import { readFileSync } from 'node:fs'

interface Manifest {
  version: string
}

export function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as Manifest).version
}
