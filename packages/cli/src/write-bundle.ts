/** A bundle on disk: the code, its map, and a manifest that says what went in. The same sources write the same bytes. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Bundle, BuildRequest } from '@signalbox/core/build'
import { version } from './version.ts'

/** The folder it wrote. */
export async function writeBundle(bundle: Bundle, { root, routes }: BuildRequest): Promise<string> {
  const folder = path.join(root, '.signalbox', 'bundle')
  const relative = (file: string) => path.relative(root, file)
  const manifest = {
    version: 1,
    hash: bundle.hash,
    routes: relative(routes),
    inputs: bundle.inputs.map(relative),
    createdBy: `@signalbox/cli ${version()}`,
  }
  await mkdir(folder, { recursive: true })
  await Promise.all([
    writeFile(path.join(folder, 'routes.cjs'), bundle.code),
    writeFile(path.join(folder, 'routes.cjs.map'), bundle.map),
    writeFile(path.join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`),
  ])
  return folder
}
