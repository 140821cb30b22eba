import { onRequest } from '@signalbox/dsl'

onRequest(({ uac, relay }) => {
  uac.replaceFrom('sip:Emergency Alert')
  relay({ to: 'sip:127.0.0.1:5090' })
})
