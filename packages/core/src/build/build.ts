/**
 * Sources to bundle. The entry imports the user's routes, which register themselves, and hands out the table they left. Nothing is
 * evaluated and no types are checked here.
 */
import { createHash } from 'node:crypto'
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
  const contents = `import ${JSON.stringify(routes)}\nexport { table } from "@signalbox/dsl/table"\n`
  const built = await runEsbuild({ stdin: { contents, resolveDir: root } }, root)
  return { hash: hashOf(built.code), ...built }
}

function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('hex').slice(0, 12)
}
