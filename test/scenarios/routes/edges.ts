/** Sends on by the dialled user, else wherever the request says; within a dialog, a bare relay. */
import { onBranchFailure, onInDialog, onRequest, type RequestContext } from '@signalbox/dsl'

const self = 'sip:127.0.0.1:5080'
const one = 'sip:127.0.0.1:5090'
const two = 'sip:127.0.0.1:5091'
const three = 'sip:127.0.0.1:5092'

const acts: Record<string, (call: RequestContext) => void> = {
  one: ({ relay }) => relay({ to: one }),
  all: ({ fork }) => fork([one, two, three]),
  list: ({ relay }) => relay({ to: [one, two, three] }),
  again: ({ fork }) => fork([one, two], { onBranchFailure: 'AGAIN' }),
  loops: ({ relay }) => relay({ to: self }),
  'loops-twice': ({ fork }) => fork([self, `${self};transport=udp`]),
  spirals: ({ req, relay }) => {
    req.ruri = req.ruri.with({ user: 'one' })
    relay({ to: self })
  },
  '+49301234': ({ req, relay }) => (req.headers.has('X-Gateway') ? relay({ to: one }) : relay()),
  'to-a-number': ({ relay }) => relay({ to: { ruri: 'tel:+4930', to: one } }),
}

onRequest((call) => (acts[call.req.ruri.user] ?? (({ relay }) => relay()))(call))

onInDialog(({ relay }) => relay())

onBranchFailure('AGAIN', ({ res, vars, relay }) => {
  if (res.status !== 480 || 'again' in vars) return
  Object.assign(vars, { again: true })
  relay()
})
