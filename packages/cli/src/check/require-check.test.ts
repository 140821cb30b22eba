import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { check } from './require-check.ts'

test('on a terminal a check that fails leaves nothing of its progress on the line where the complaint goes', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'signalbox-check-'))
  onTestFinished(() => rm(root, { recursive: true }))
  await writeFile(path.join(root, 'tsconfig.json'), '{ "compilerOptions": ')
  const { isTTY } = process.stderr
  onTestFinished(() => void (process.stderr.isTTY = isTTY))
  process.stderr.isTTY = true
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => written.mockRestore())
  await expect(check({ root, routes: path.join(root, 'routes', 'main.ts') })).rejects.toMatchObject({ code: 'PROJECT' })
  expect(written.mock.calls.map(([text]) => text)).toEqual(['checking …', '\r\u001B[K'])
})
