import { registrars } from '../model.ts'
import { armings, namedRoutes, openKinds } from './route-names.ts'
import type { Rule } from './rule.ts'
import { misspelled } from './misspelled.ts'

export const unarmedRoute: Rule = {
  id: 'unarmed-route',
  severity: 'warning',
  reason: 'a route runs only where a relay or fork names it',
  *find({ model }) {
    const open = openKinds(model)
    const armed = armings(model)
    for (const { kind, name, place } of namedRoutes(model)) {
      const isArmed = armed.some((arming) => arming.kind === kind && arming.names.includes(name))
      if (isArmed || open.has(kind) || model.mentioned.has(name) || misspelled(kind, name, model)) continue
      const option = registrars[kind]
      yield { place, text: `nobody arms ${option} '${name}'`, hint: `relay({ ${option}: '${name}' }), or leave it out` }
    }
  },
}
