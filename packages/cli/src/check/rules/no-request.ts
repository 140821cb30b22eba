import type { Rule } from './rule.ts'

export const noRequest: Rule = {
  id: 'no-request',
  severity: 'error',
  reason: 'a bundle without onRequest is refused, since nothing would answer a call',
  *find({ model: { lacksRequest, top } }) {
    const text = 'the routes register no onRequest: nothing would answer a call'
    if (lacksRequest) yield { place: top, text, hint: 'add onRequest(({ relay }) => relay())' }
  },
}
