import { onRequest } from '@signalbox/dsl'

onRequest(({ uac, relay }) => {
  uac.replaceFrom({ display: 'Anonymous', uri: 'sip:anonymous@anonymous.invalid' })
  relay({ to: 'sip:127.0.0.1:5090' })
})
