import type { State } from '../flow/path.ts'
import { METHOD, type Action, type Handler } from '../model.ts'
import type { Rule } from './rule.ts'

export const recordRoute: Rule = {
  id: 'record-route',
  severity: 'error',
  reason: 'without our Record-Route later requests of the dialog do not come by here',
  *find({ model, events }) {
    const inDialog = model.handlers.find(({ kind }) => kind === 'inDialog')
    for (const event of events()) {
      if (event.type !== 'act' || !event.action.withoutRecordRoute || !mayFormDialog(event.path.state)) continue
      const need = needOf(event.action, event.path.state, inDialog)
      if (need === undefined) continue
      const text = `without Record-Route ${need}`
      yield { place: event.action.place, text, hint: 'leave recordRoute out, or do without the other' }
    }
  },
}

function needOf({ withAuth }: Action, { replaced }: State, inDialog: Handler | undefined): string | undefined {
  if (replaced) return 'the replaced From or To is not restored in later requests'
  if (withAuth) return 'later requests of the dialog have a CSeq that the carrier refuses'
  return inDialog && 'onInDialog never sees this dialog'
}

/** RFC 3261 §12.1, RFC 6665 §4.4.1 and RFC 3515: these methods form dialogs. */
const forming = ['INVITE', 'SUBSCRIBE', 'REFER'].map((method) => `=${JSON.stringify(method)}`)

/** Who has ruled out INVITE means the rest. */
function mayFormDialog({ facts }: State): boolean {
  const method = facts.get(METHOD)
  if (method?.startsWith('=')) return forming.includes(method)
  return facts.get(`${METHOD} === ${forming[0]}`) !== '=false'
}
