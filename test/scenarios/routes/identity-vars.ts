import { onRequest, type Vars } from '@signalbox/dsl'

interface Saved extends Vars {
  savedFrom?: string
  savedTo?: string
}

onRequest(({ req, uac, vars, log, relay }) => {
  uac.replaceFrom({ display: 'Robin', uri: 'sip:robin@gotham.org' })
  const saved = vars as Saved
  log.info(`${saved.savedFrom} ${saved.savedTo}`)
  if (req.headers.has('X-Saved')) saved.savedFrom = req.headers.get('X-Saved')!
  relay({ to: 'sip:127.0.0.1:5090' })
})
