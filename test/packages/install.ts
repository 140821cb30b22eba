/**
 * What a user gets: every package packed, and the tarballs installed in an empty folder outside of the repository. Once for all files of this
 * project; the folder goes away afterwards.
 */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { run } from './run.ts'

/** One tarball, as `npm pack --json` says it. */
export interface Packed {
  name: string
  version: string
  size: number
  files: { path: string; mode: number }[]
  /** Where it is. */
  tarball: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder with the `node_modules`, and what is installed there. */
    installed: { folder: string; packages: Packed[] }
  }
}

const root = path.resolve(import.meta.dirname, '../..')

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'signalbox-packages-')))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    project.provide('installed', { folder, packages: await installAll(folder) })
  } catch (error) {
    await remove()
    throw error
  }
  return remove
}

async function installAll(folder: string): Promise<Packed[]> {
  const tarballs = path.join(folder, 'tarballs')
  const packed = await succeeds(process.execPath, ['scripts/pack.mjs', tarballs, '--json'], root)
  const packages = (JSON.parse(packed) as (Packed & { filename: string })[]).map((one) => ({
    ...one,
    tarball: path.join(tarballs, one.filename),
  }))
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n')
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
  await succeeds('npm', ['install', ...flags, ...packages.map(({ tarball }) => tarball)], folder)
  return packages
}

async function succeeds(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, { cwd })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
  return stdout
}
