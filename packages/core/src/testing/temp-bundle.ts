/** A bundle made from sources that a test brings, in a folder of its own that is gone when the bundle is there. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buildBundle } from '../build/build.ts'
import type { Bundle } from '../build/bundle.ts'

export interface TempBundle {
  readonly bundle: Bundle
  /** What places in the sources are relative to. */
  readonly root: string
}

/** `files` by their path; `routes/main.ts` is the route file. A string is that file alone. */
export async function tempBundle(files: string | Record<string, string>): Promise<TempBundle> {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'signalbox-routes-')))
  const sources = typeof files === 'string' ? { 'routes/main.ts': files } : files
  try {
    for (const [name, text] of Object.entries(sources)) {
      const file = path.join(root, name)
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, text)
    }
    return { bundle: await buildBundle({ routes: path.join(root, 'routes/main.ts'), root }), root }
  } finally {
    await rm(root, { recursive: true })
  }
}
