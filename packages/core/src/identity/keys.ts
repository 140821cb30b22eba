/** What seals are made with: a key from a password, or a random one kept in a file. */
import { randomBytes, scryptSync } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { SignalboxError } from '../errors.ts'

/** Slow on purpose, once at start: who holds a seal may try passwords on it. Nothing but the password goes in, so that nodes agree. */
export function keyOfPassword(password: string): Buffer {
  return scryptSync(password, 'signalbox uac.restorePassword', 32)
}

export function randomKey(): Buffer {
  return randomBytes(32)
}

/**
 * The key in this file, which is made when it is not there and never overwritten. Throws `CONFIG` when it cannot be used; undefined when there
 * is none and none can be kept.
 */
export function keyOfFile(file: string): Buffer | undefined {
  if (!existsSync(file) && !make(file)) return undefined
  const text = read(file)
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, 'hex')
  throw unusable(file, 'it does not hold 64 hexadecimal digits')
}

/** Written aside and linked: another process that starts at the same time finds all of it or nothing. Says whether there is a file now. */
function make(file: string): boolean {
  const aside = `${file}.${randomBytes(6).toString('hex')}`
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(aside, randomKey().toString('hex') + '\n', { mode: 0o600, flag: 'wx' })
    try {
      linkSync(aside, file)
    } finally {
      rmSync(aside, { force: true })
    }
  } catch {
    // Somebody else's was first, or the folder is read-only.
  }
  return existsSync(file)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw unusable(file, (error as Error).message)
  }
}

function unusable(file: string, why: string): SignalboxError {
  const text = `the key for replaced From and To headers cannot be used: ${why}`
  const hint =
    'mend the file, or delete it for a new key (calls in progress are then not restored), or set uac.restorePassword'
  return new SignalboxError('CONFIG', text, [{ text, file, hint }])
}
