/** Positions in a bundle become lines of the user's sources. */
import { describe, expect, it } from 'vitest'
import { tempBundle } from '../testing/temp-bundle.ts'
import { loadBundle } from './load.ts'
import { StackMap } from './stack-map.ts'

const files = {
  'routes/main.ts': `import { onRequest } from '@signalbox/dsl'
import { refuse } from './lib/refuse.ts'

interface Unused { readonly a: string }

onRequest(({ req }) => {
  refuse(req.method)
})
`,
  'routes/lib/refuse.ts': `export function refuse(method: string): never {
  throw new Error('refused: ' + method)
}
`,
}

async function thrown(): Promise<{ stack: string; map: StackMap }> {
  const { bundle, root } = await tempBundle(files)
  const { entries, map } = loadBundle(bundle, 'signalbox (1).cjs', root)
  try {
    void entries[0]!.handler({ req: { method: 'INVITE' } } as never)
  } catch (error) {
    return { stack: (error as Error).stack!, map }
  }
  throw new Error('the handler did not throw')
}

describe('of a handler that threw', () => {
  it('every frame names the user’s line', async () => {
    const { stack, map } = await thrown()
    const mapped = map.mapStack(stack)
    expect(mapped).toContain('routes/lib/refuse.ts:2:')
    expect(mapped).toContain('routes/main.ts:7:')
    expect(mapped).not.toContain('signalbox (1).cjs')
    expect(mapped.split('\n')[0]).toBe('Error: refused: INVITE')
  })

  it('the first place is where it was thrown', async () => {
    const { stack, map } = await thrown()
    expect(map.placeOf(stack)).toEqual({ file: 'routes/lib/refuse.ts', line: 2, column: 9 })
    expect(map.where(stack)).toBe('routes/lib/refuse.ts:2:9')
  })
})

it('a registration is where the user called, not inside the dsl', async () => {
  const { bundle, root } = await tempBundle(files)
  const { entries, map } = loadBundle(bundle, 'x.cjs', root)
  expect(map.where(entries[0]!.stack)).toBe('routes/main.ts:6:1')
})

it('frames of others stay as they are, and name no place', async () => {
  const { map } = await thrown()
  const stack = 'Error: x\n    at f (other.cjs:1:1)\n    at signalbox (1).cjs\n    at node:internal:3:4'
  expect([map.mapStack(stack), map.placeOf(stack), map.where('')]).toEqual([stack, undefined, undefined])
})

it('a position that stands for no source stays as it is', () => {
  const map = new StackMap('x.cjs', '{"version":3,"sources":[],"names":[],"mappings":""}', '/')
  expect(map.mapStack('at x.cjs:1:1')).toBe('at x.cjs:1:1')
})
