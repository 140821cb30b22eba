/** A disk that is soon full: a file system in memory, mounted for one test. Only root may do that. */
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

const run = promisify(execFile)

export async function tinyDisk(at: string, size: string): Promise<void> {
  await mkdir(at, { recursive: true })
  await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', at])
  onTestFinished(async () => void (await run('umount', [at])))
}
