/** Project folders that go away with their test. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** Routes that a proxy can run on; `reason` shows in what they answer and changes the bundle. */
export const routes = (reason = 'No trunk') => `import { onRequest } from '@signalbox/dsl'

onRequest(({ reply }) => reply(403, '${reason}'))
`

/** Sockets that the system chooses, so that tests do not meet. */
export const anyPort = `export default { listen: ['udp:127.0.0.1:0'], admin: { listen: '127.0.0.1:0' } }\n`

export async function tempFolder(): Promise<string> {
  const dir = await realpath(await mkdtemp(path.join(tmpdir(), 'signalbox-cli-')))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** File name → text. */
export async function tempProject(files: Record<string, string>): Promise<string> {
  const dir = await tempFolder()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true })
    await writeFile(path.join(dir, name), text)
  }
  return dir
}
