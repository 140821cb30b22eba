/** The key that is made once: kept, never overwritten, and an error that names the file when it cannot be used. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SignalboxError } from '../errors.ts'
import { keyOfFile } from './keys.ts'

let folder = ''
let file = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-key-'))
  file = join(folder, '.signalbox', 'secret')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('is made once, for its owner alone, and read from then on', () => {
  const key = keyOfFile(file)!
  expect(key).toHaveLength(32)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(keyOfFile(file)).toEqual(key)
  expect(readdirSync(join(folder, '.signalbox'))).toEqual(['secret'])
})

it.each(['', 'short', `${'a'.repeat(63)}\n`, 'z'.repeat(64)])(
  'one that holds "%s" is refused and left as it is',
  (text) => {
    mkdirSync(join(folder, '.signalbox'))
    writeFileSync(file, text)
    expect(refusal()).toMatchObject({
      code: 'CONFIG',
      problems: [{ file, hint: expect.stringContaining('delete it') as string }],
    })
    expect(readFileSync(file, 'utf8')).toBe(text)
  },
)

it('one that cannot be read is refused', () => {
  mkdirSync(file, { recursive: true })
  expect(refusal().message).toContain('EISDIR')
})

it('where nothing can be written there is none', () => {
  writeFileSync(join(folder, '.signalbox'), 'a file where the folder should be')
  chmodSync(folder, 0o500)
  expect(keyOfFile(file)).toBeUndefined()
  chmodSync(folder, 0o700)
  expect(existsSync(file)).toBe(false)
})

function refusal(): SignalboxError {
  try {
    keyOfFile(file)
  } catch (error) {
    return error as SignalboxError
  }
  throw new Error('it was taken')
}
