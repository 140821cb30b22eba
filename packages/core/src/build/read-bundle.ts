/**
 * A bundle in a folder: the code, its source map, and a manifest that says what both must be. Written by `signalbox build`, here it is read
 * back: what was truncated or altered since is refused before any of it is evaluated.
 */
import { createHash } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import path from 'node:path'
import { SignalboxError } from '../errors.ts'
import { hashOf } from './bundle-hash.ts'
import type { Bundle } from './bundle.ts'

/** The file of a bundle's folder that says what the others have to be. */
export const MANIFEST = 'manifest.json'
/** The file with the bundled routes. */
export const CODE = 'routes.cjs'
/** The file with their source map. */
export const MAP = 'routes.cjs.map'

/** What stands in a bundle's manifest. */
export interface Manifest {
  readonly version: 1
  /** The bundle's, by which generations are known. */
  readonly hash: string
  /** SHA-256 of each file, in hex. */
  readonly sha256: { readonly [CODE]: string; readonly [MAP]: string }
  /** The route file and everything that went in, relative to the project. */
  readonly routes: string
  readonly inputs: readonly string[]
  readonly createdBy: string
}

/** In hex. */
export function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Throws `BAD_BUNDLE`, naming the file, what was expected and what was found. */
export async function readBundle(folder: string): Promise<Bundle> {
  // A link is followed once: a build that moves it meanwhile does not mix two bundles.
  const real = await realpath(folder).catch((error: NodeJS.ErrnoException) => {
    throw refusal(folder, `there is no bundle here (${error.code})`)
  })
  const manifest = manifestOf(await read(real, MANIFEST), path.join(real, MANIFEST))
  const [code, map] = await Promise.all([readChecked(real, CODE, manifest), readChecked(real, MAP, manifest)])
  const hash = hashOf({ code, map })
  if (hash !== manifest.hash)
    throw refusal(path.join(real, MANIFEST), `expected the hash ${hash}, found ${manifest.hash}`)
  return { hash, code, map, inputs: [] }
}

async function readChecked(folder: string, name: typeof CODE | typeof MAP, manifest: Manifest): Promise<string> {
  const bytes = await read(folder, name)
  const found = sha256(bytes)
  const expected = manifest.sha256[name]
  if (found === expected) return bytes.toString()
  throw refusal(
    path.join(folder, name),
    `expected SHA-256 ${expected}, found ${found} (${bytes.length} bytes): it was altered or cut short since it was built`,
  )
}

async function read(folder: string, name: string): Promise<Buffer> {
  const file = path.join(folder, name)
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw refusal(file, `expected a file of the bundle, but it cannot be read (${error.code})`)
  })
}

function manifestOf(bytes: Buffer, file: string): Manifest {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString())
  } catch {
    throw refusal(file, `expected a manifest in JSON, found ${bytes.length} bytes that are none`)
  }
  const { version, hash, sha256: sums } = Object(value) as Partial<Manifest>
  if (version !== 1) throw refusal(file, `expected a manifest of version 1, found ${String(version)}`)
  const isWhole = [hash, sums?.[CODE], sums?.[MAP]].every((text) => typeof text === 'string')
  if (!isWhole) throw refusal(file, `expected "hash" and "sha256" of ${CODE} and ${MAP}, found not all of them`)
  return value as Manifest
}

function refusal(file: string, text: string): SignalboxError {
  const hint = 'make it anew, or copy it whole: signalbox build DIR writes DIR/.signalbox/bundle'
  return new SignalboxError('BAD_BUNDLE', `${file}: ${text}`, [{ text, file, hint }])
}
