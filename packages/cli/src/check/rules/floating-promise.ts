import type { Rule } from './rule.ts'

export const floatingPromise: Rule = {
  id: 'floating-promise',
  severity: 'error',
  reason: 'nobody waits for what was asked: the handler goes on before it is done, and a failure of it is lost',
  *find({ model }) {
    for (const { place, what } of model.floating) {
      const deliberate =
        what === 'registrar.lookup' || what === 'registrar.save' ? '' : '; void in front says that it is meant'
      yield { place, text: `nobody awaits ${what}`, hint: `await it, or return it${deliberate}` }
    }
  },
}
