// expected: nothing
import { onInDialog, onRequest } from '@signalbox/dsl'

onRequest(({ req, uac, relay }) => {
  if (req.method === 'MESSAGE') {
    relay({ to: 'sip:192.0.2.1', recordRoute: false })
    return
  }
  uac.replaceFrom('sip:anonymous@anonymous.invalid')
  uac.replaceTo({ display: 'Support' })
  relay({ to: 'sip:192.0.2.1', auth: true })
})

onInDialog(({ req, reply, log }) => {
  if (req.method === 'INFO') reply(200)
  else log.info('goes its own way')
})
