import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hashOf } from './bundle-hash.ts'
import { CODE, MANIFEST, MAP, readBundle, sha256 } from './read-bundle.ts'

const code = 'module.exports = "grüße"\n'
const map = '{"version":3}'
const manifest = { version: 1, hash: hashOf({ code, map }), sha256: { [CODE]: sha256(code), [MAP]: sha256(map) } }

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'signalbox-bundle-'))
  await write(CODE, code)
  await write(MAP, map)
  await write(MANIFEST, JSON.stringify(manifest))
})
afterEach(() => rm(folder, { recursive: true }))

function write(name: string, text: string): Promise<void> {
  return writeFile(path.join(folder, name), text)
}

function refusedFor(name: string, text: string | RegExp) {
  return expect(readBundle(folder)).rejects.toMatchObject({
    name: 'SignalboxError',
    code: 'BAD_BUNDLE',
    problems: [{ file: path.join(folder, name), text: expect.stringMatching(text) }],
  })
}

test('what was written is read back', async () => {
  expect(await readBundle(folder)).toEqual({ hash: manifest.hash, code, map, inputs: [] })
})

test('through a link too, and what is refused is named as it lies there', async () => {
  const real = path.join(folder, 'real')
  await mkdir(real)
  for (const name of [CODE, MAP, MANIFEST])
    await writeFile(path.join(real, name), await readFile(path.join(folder, name)))
  const link = path.join(folder, 'link')
  await symlink(real, link)
  expect(await readBundle(link)).toMatchObject({ code })
  await writeFile(path.join(real, CODE), '')
  await expect(readBundle(link)).rejects.toMatchObject({ problems: [{ file: path.join(real, CODE) }] })
})

test.each([CODE, MAP])('%s cut short: what was expected, and what is there', async (name) => {
  const whole = await readFile(path.join(folder, name), 'utf8')
  await write(name, whole.slice(0, -3))
  const cut = whole.slice(0, -3)
  await refusedFor(
    name,
    `^expected SHA-256 ${sha256(whole)}, found ${sha256(cut)} \\(${Buffer.byteLength(cut)} bytes\\)`,
  )
})

test('altered by a single character', async () => {
  await write(CODE, code.replace('grüße', 'Grüße'))
  await refusedFor(CODE, '^expected SHA-256')
})

test.each([CODE, MAP, MANIFEST])('%s missing', async (name) => {
  await rm(path.join(folder, name))
  await refusedFor(name, /cannot be read \(ENOENT\)/)
})

test.each([
  ['that is cut short', JSON.stringify(manifest).slice(0, 40), /^expected a manifest in JSON, found 40 bytes/],
  ['of another version', JSON.stringify({ ...manifest, version: 2 }), /^expected a manifest of version 1, found 2$/],
  ['of none', 'null', /^expected a manifest of version 1, found undefined$/],
  ['without sums', JSON.stringify({ ...manifest, sha256: { [CODE]: 1 } }), /^expected "hash" and "sha256"/],
  [
    'with the hash of another',
    JSON.stringify({ ...manifest, hash: 'a' }),
    `^expected the hash ${manifest.hash}, found a$`,
  ],
])('a manifest %s', async (_, text, complaint) => {
  await write(MANIFEST, text)
  await refusedFor(MANIFEST, complaint)
})

test('a folder that is not there', async () => {
  await expect(readBundle(path.join(folder, 'none'))).rejects.toMatchObject({
    code: 'BAD_BUNDLE',
    problems: [{ file: path.join(folder, 'none'), text: 'there is no bundle here (ENOENT)' }],
  })
})
