import type { Decision, Path } from '../flow/path.ts'
import type { Model } from '../model.ts'
import { spot, type Found, type Rule } from './rule.ts'

export const noAction: Rule = {
  id: 'no-action',
  severity: 'error',
  reason: 'a request that nobody answers or sends on is answered 500',
  *find({ model, eventsOf }) {
    for (const handler of model.handlers) {
      if (handler.kind !== 'request') continue
      for (const event of eventsOf(handler)) {
        if (event.type !== 'end' || event.path.state.acted !== undefined) continue
        const last = event.path.trail.at(-1)
        const place = event.place ?? last?.place ?? handler.place
        yield { place, text: textOf(event.place !== undefined, last), ...hintOf(event.path, model) }
      }
    }
  },
}

function textOf(returns: boolean, last: Decision | undefined): string {
  if (returns) return 'this path ends without an action: the caller gets 500'
  if (last === undefined) return 'this handler ends without an action: the caller gets 500'
  if (last.truth === 'caught') return 'after this, the handler ends without an action: the caller gets 500'
  return `where this is ${last.truth ? 'so' : 'not so'}, the handler ends without an action: the caller gets 500`
}

/** The way there, and how to mend it. */
function hintOf({ trail }: Path, model: Model): Pick<Found, 'hint'> {
  const way = trail
    .slice(-4)
    .map(({ place, truth }) => `${spot(place)} ${truth === false ? 'not ' : ''}(${model.textOf(place)})`)
  const path = way.length > 0 ? `the path: ${way.join(', ')}; ` : ''
  return { hint: `${path}end it with relay, fork, reply, redirect, drop or registrar.save` }
}
