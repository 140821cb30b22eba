// The caller is anonymous towards the UAS, and itself again on the way back: kamailio/native.cfg with ANONYMOUS.
import { onRequest } from '@signalbox/dsl'

onRequest(({ uac, relay }) => {
  uac.replaceFrom({ display: 'Anonymous', uri: 'sip:anonymous@anonymous.invalid' })
  relay({ to: 'sip:127.0.0.1:5090' })
})
