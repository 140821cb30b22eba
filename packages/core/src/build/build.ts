/**
 * Sources to bundle. The entry imports the user's routes, which register themselves, and hands out the table they left. Nothing is
 * evaluated and no types are checked here.
 */
import path from 'node:path'
import { hashOf } from './bundle-hash.ts'
import type { Bundle } from './bundle.ts'
import { runEsbuild } from './esbuild.ts'
import { requireRouteFile } from './route-file.ts'

/** What `buildBundle` needs. */
export interface BuildRequest {
  /** The route file, absolute. */
  routes: string
  /** The project's folder, absolute. */
  root: string
}

/** Throws `BUILD`, with every place that is wrong. */
export async function buildBundle({ routes, root }: BuildRequest): Promise<Bundle> {
  await requireRouteFile(routes)
  const entry = `./${path.relative(root, routes).replaceAll(path.sep, '/')}`
  const contents = `import ${JSON.stringify(entry)}\nexport { table } from "@signalbox/dsl/table"\n`
  const built = await runEsbuild({ stdin: { contents, resolveDir: root } }, root)
  return { hash: hashOf(built), ...built }
}
