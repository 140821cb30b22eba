/** Targets that are not fit to be sent as they are, by the dialled user. */
import { onBranch, onFailure, onRequest, type RequestContext } from '@signalbox/dsl'

const one = 'sip:127.0.0.1:5090'
const two = 'sip:127.0.0.1:5091'
const evil = 'sip:x@127.0.0.1:5090;method=BYE;keep=1?Subject=evil&Route=%3Csip:z%3E'

const acts: Record<string, (call: RequestContext) => void | Promise<void>> = {
  relay: ({ relay }) => relay({ to: { ruri: evil, to: one } }),
  fork: ({ fork }) => fork([{ ruri: evil }]),
  set: ({ req, relay }) => {
    req.ruri = evil
    relay()
  },
  branch: ({ relay }) => relay({ to: one, onBranch: 'SET' }),
  follow: ({ relay }) => relay({ to: two, onFailure: 'FOLLOW' }),
  number: ({ relay }) => relay({ to: { ruri: 'tel:+49301;method=x', to: one } }),
  asDialled: ({ relay }) => relay({ to: one }),
  answers: ({ reply }) => reply(200),
  calls: ({ uac, reply }) => {
    void uac.send({ method: 'INVITE', ruri: 'sip:127.0.0.1:5090;method=BYE' })
    reply(200)
  },
  lookup: async ({ registrar, reply, relay }) => ((await registrar.lookup()) ? relay() : reply(404)),
  twice: ({ fork }) => fork([{ ruri: 'sip:x@127.0.0.1:5090;a=1' }, { ruri: 'sip:%78@127.0.0.1:5090;A=1' }, two]),
  stripped: ({ fork }) => fork([{ ruri: evil }, { ruri: 'sip:x@127.0.0.1:5090;keep=1' }]),
  hops: ({ fork }) => fork([one, two, one, two]),
  list: ({ relay }) => relay({ to: [one, two, 'sip:127.0.0.1:5090', one] }),
  apart: ({ fork }) =>
    fork([
      { ruri: 'sip:x@h', to: one },
      { ruri: 'sip:x@h', to: two },
      { ruri: 'sip:y@h', to: two },
    ]),
}

onRequest((call) => {
  if (call.req.method === 'REGISTER') return call.registrar.save()
  return acts[call.req.ruri.user]?.(call)
})

onBranch('SET', ({ req }) => {
  req.ruri = evil
})

onFailure('FOLLOW', ({ res, fork }) => fork(res.contacts.map(({ uri }) => ({ ruri: uri }))))
