/** Whether the route file is there at all, said before a bundler complains about its own entry. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { SignalboxError } from '../errors.ts'

/** Throws `BUILD`, with how to mend it. */
export async function requireRouteFile(routes: string): Promise<void> {
  const found = await stat(routes).catch((error: NodeJS.ErrnoException) => error)
  if (!(found instanceof Error) && found.isFile()) return
  const text = found instanceof Error ? `the route file cannot be read (${found.code})` : 'the route file is a folder'
  const hint = `write ${path.basename(routes)} there, or set "routes" in signalbox.config.ts to the file that has your routes`
  throw new SignalboxError('BUILD', `${text}: ${routes}`, [{ text, file: routes, hint }])
}
