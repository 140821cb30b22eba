import { spot, type Rule } from './rule.ts'

export const replaceAfterRelay: Rule = {
  id: 'replace-after-relay',
  severity: 'error',
  reason: 'the request leaves as it stands when relay or fork is called',
  *find({ events }) {
    for (const event of events()) {
      if (event.type !== 'replace') continue
      const { relayed } = event.path.state
      if (relayed === undefined) continue
      const text = `the request has left already, by ${relayed.name} at ${spot(relayed.place)}`
      yield { place: event.place, text, hint: 'replace it before' }
    }
  },
}
