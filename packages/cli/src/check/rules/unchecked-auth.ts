import type { Rule } from './rule.ts'

export const uncheckedAuth: Rule = {
  id: 'unchecked-auth',
  severity: 'error',
  reason: 'without an answer to the challenge the carrier refuses the repeat just the same',
  *find({ events }) {
    for (const { type, handler, ...event } of events()) {
      if (type !== 'act' || !('action' in event)) continue
      const { action, path } = event
      if (handler.kind !== 'failure' && handler.kind !== 'branchFailure') continue
      if (action.name !== 'relay' && action.name !== 'fork') continue
      const { auth, acted } = path.state
      if (auth === undefined || acted !== undefined) continue
      // After a refusal the next carrier may be tried.
      if (auth === 'failed' && action.target !== undefined) continue
      const why = auth === 'ignored' ? 'whatever uac.auth() returned' : 'though uac.auth() returned false'
      yield { place: action.place, text: `this ${action.name} runs ${why}`, hint: 'if (uac.auth(…)) relay()' }
    }
  },
}
