/** Registering fills a table of plain data, and runs nothing. */
import { expect, it, vi } from 'vitest'
import { defineConfig, onFailure, onInDialog, onRequest } from './index.ts'
import { table } from './table.ts'

it('keeps handlers with kind, name and the place of the registration, in their order', () => {
  const handler = vi.fn<() => void>()
  onRequest(handler)
  onInDialog(handler)
  const handle = onFailure('TRUNKAUTH', handler)
  expect(table.version).toBe(1)
  expect(table.entries).toMatchObject([
    { kind: 'request', name: '', handler },
    { kind: 'inDialog', name: '', handler },
    { kind: 'failure', name: 'TRUNKAUTH', handler },
  ])
  for (const { stack } of table.entries) expect(stack).toContain('table.test.ts')
  expect(handle).toEqual({ kind: 'failure', name: 'TRUNKAUTH' })
  expect(handler).not.toHaveBeenCalled()
})

it('a config is handed back as it is', () => {
  const config = { listen: ['udp:127.0.0.1:5060'] }
  expect(defineConfig(config)).toBe(config)
})
