import { spot, type Rule } from './rule.ts'

export const secondAction: Rule = {
  id: 'second-action',
  severity: 'error',
  reason: 'the first final action wins: a second one does nothing',
  *find({ events }) {
    for (const event of events()) {
      if (event.type !== 'act' || event.action.final !== true) continue
      const { acted } = event.path.state
      if (typeof acted !== 'object') continue
      const { name, place } = event.action
      const text = `this ${name} does nothing: ${acted.name} at ${spot(acted.place)} has acted already`
      yield { place, text, hint: `return after the first action, or put this one in the else branch` }
    }
  },
}
