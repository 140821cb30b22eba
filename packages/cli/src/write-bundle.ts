/**
 * A bundle on disk, in a folder that never changes: it is written aside and renamed, so that it is there whole or not at all. The same
 * sources write the same bytes. `.signalbox/bundle` is the newest one, `.signalbox/bundles` some that were.
 */
import { randomUUID } from 'node:crypto'
import { cp, lstat, mkdir, readdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  CODE,
  MANIFEST,
  MAP,
  portablePath,
  readBundle,
  sha256,
  SignalboxError,
  type Bundle,
  type BuildRequest,
  type Manifest,
} from '@signalbox/core/build'
import { version } from './version.ts'

/** How many bundles are kept. */
const KEPT = 10

/** Where the newest bundle of a project is. */
export function newestBundle(root: string): string {
  return path.join(root, '.signalbox', 'bundle')
}

/** The folder it wrote, or found to be written already. Throws `PROJECT`; what was there stays as it was. */
export async function writeBundle(bundle: Bundle, { root, routes }: BuildRequest): Promise<string> {
  const bundles = path.join(root, '.signalbox', 'bundles')
  const folder = path.join(bundles, bundle.hash)
  try {
    await mkdir(bundles, { recursive: true })
    if (await isThere(folder)) await utimes(folder, new Date(), new Date())
    else await put(folder, bundles, (aside) => writeFiles(aside, bundle, manifestOf(bundle, { root, routes })))
    await put(newestBundle(root), bundles, (aside) => link(folder, aside))
    await forgetOld(bundles, bundle.hash)
  } catch (error) {
    throw unwritable(bundles, error)
  }
  return folder
}

function manifestOf(bundle: Bundle, { root, routes }: BuildRequest): Manifest {
  return {
    version: 1,
    hash: bundle.hash,
    sha256: { [CODE]: sha256(bundle.code), [MAP]: sha256(bundle.map) },
    routes: portablePath(routes, root),
    inputs: bundle.inputs.map((input) => portablePath(input, root)),
    createdBy: `@signalbox/cli ${version()}`,
  }
}

/** One that was damaged since is written anew. */
async function isThere(folder: string): Promise<boolean> {
  return readBundle(folder).then(
    () => true,
    () => false,
  )
}

async function writeFiles(folder: string, { code, map }: Bundle, manifest: Manifest): Promise<void> {
  await mkdir(folder)
  const files = { [CODE]: code, [MAP]: map, [MANIFEST]: `${JSON.stringify(manifest, null, 2)}\n` }
  // Flushed, because a disk that is full may say so only then.
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text, { flush: true })
}

/** Makes it under another name, and then gives it its own. */
async function put(target: string, bundles: string, make: (aside: string) => Promise<void>): Promise<void> {
  const aside = path.join(bundles, `.${randomUUID()}`)
  const old = `${aside}.old`
  try {
    await make(aside)
    await rename(aside, target).catch((error: NodeJS.ErrnoException) => {
      if (!inTheWay.has(error.code)) throw error
      return swap(aside, target, old)
    })
  } finally {
    for (const left of [aside, old]) await rm(left, { recursive: true, force: true })
  }
}

/** What systems say of a folder where another is to go. */
const inTheWay = new Set<string | undefined>(['ENOTEMPTY', 'EEXIST', 'EISDIR', 'ENOTDIR', 'EPERM'])

async function swap(aside: string, target: string, old: string): Promise<void> {
  await rename(target, old)
  await rename(aside, target).catch(async (error: unknown) => {
    await rename(old, target)
    throw error
  })
}

/** Relative to `.signalbox`, where it will be, so that the project can be moved. Where there are no links, a copy does. */
async function link(folder: string, at: string): Promise<void> {
  await symlink(path.join('bundles', path.basename(folder)), at, 'dir').catch(() => cp(folder, at, { recursive: true }))
}

/** What a build that was killed left behind is old one day, too. */
async function forgetOld(bundles: string, newest: string): Promise<void> {
  const others = (await readdir(bundles)).filter((name) => name !== newest).map((name) => path.join(bundles, name))
  const aged = await Promise.all(others.map(async (folder) => ({ folder, changed: await changedAt(folder) })))
  const old = aged.sort((a, b) => b.changed - a.changed).slice(KEPT - 1)
  for (const { folder } of old) await rm(folder, { recursive: true, force: true })
}

/** Another build may have taken it away by now. */
async function changedAt(folder: string): Promise<number> {
  return lstat(folder).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
}

const reasons: Record<string, string> = {
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the file system is read-only',
}

function unwritable(folder: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === undefined) return error as Error
  const text = `the bundle cannot be written: ${reasons[code] ?? message} (${code})`
  const hint = 'make room or give the right to write there; the bundles that were there are as they were'
  return new SignalboxError('PROJECT', `${text}: ${folder}`, [{ text, file: folder, hint }])
}
