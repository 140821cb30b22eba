/** This package's own package.json: its version, and those of what it was made with. */
import { readFileSync } from 'node:fs'

interface Manifest {
  version: string
  engines: Record<string, string>
  dependencies: Record<string, string>
}

export function manifest(): Manifest {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest
}

export function version(): string {
  return manifest().version
}
