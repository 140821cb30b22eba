import type { Rule } from './rule.ts'

export const secret: Rule = {
  id: 'secret',
  severity: 'warning',
  reason: 'who reads the source, or a bundle, reads the password',
  *find({ model }) {
    for (const { place, key } of model.secrets)
      yield {
        place,
        text: `a secret stands in the source ("${key}")`,
        hint: 'take it from process.env, the config or the database',
      }
  },
}
