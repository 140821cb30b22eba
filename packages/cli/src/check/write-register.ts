/** Puts the register where editors and other compilers find it. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { registerFile } from './register-text.ts'

/** Written only when it changes, since others watch it. A check does not need it on disk: where it cannot be written, it is not. */
export function writeRegister(root: string, text: string): void {
  const file = registerFile(root)
  if (textOf(file) === text) return
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    const draft = `${file}.${process.pid}`
    writeFileSync(draft, text)
    renameSync(draft, file)
  } catch (error) {
    if (!isDenied(error)) throw error
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function isDenied(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')
}
