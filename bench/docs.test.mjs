import { expect, it } from 'vitest'
import { replaceMeasured } from './docs.mjs'

const text = `a
<!-- measured: npm run bench -- --write-docs -->

old

<!-- /measured -->
b
<!-- measured: npm run bench -- soak --write-docs -->
<!-- /measured -->
c
`

it('figures go between their own marks, and nothing else changes', () => {
  const first = replaceMeasured(text, '', 'new')
  expect(first).toBe(text.replace('old', 'new'))
  expect(replaceMeasured(text, 'soak', 'x')).toBe(
    text.replace('soak --write-docs -->\n', 'soak --write-docs -->\n\nx\n\n'),
  )
})

it('without its marks it is an error that names them', () => {
  expect(() => replaceMeasured(text, 'bytes', 'x')).toThrow('npm run bench -- bytes --write-docs')
})
