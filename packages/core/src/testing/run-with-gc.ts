/** Programs for tests of memory: in a process of their own, where garbage can be collected on request. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'

/** `program` may import the files of `folder`, and has each of `constants` written out where its name stands. Gives what it printed as JSON. */
export async function runWithGc<T>(program: string, folder: string, constants: Record<string, unknown>): Promise<T> {
  const names = new RegExp(Object.keys(constants).join('|'), 'g')
  const contents = program.replaceAll(names, (name) => JSON.stringify(constants[name]))
  const temp = await mkdtemp(path.join(tmpdir(), 'signalbox-memory-'))
  try {
    const built = await build({
      stdin: { contents, resolveDir: folder, loader: 'ts' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      write: false,
    })
    const file = path.join(temp, 'program.mjs')
    await writeFile(file, built.outputFiles[0]!.text)
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', file])
    return JSON.parse(stdout) as T
  } finally {
    await rm(temp, { recursive: true })
  }
}
