// expected: replace-after-relay 6
import { onRequest } from '@signalbox/dsl'

onRequest(({ uac, relay }) => {
  relay({ to: 'sip:192.0.2.1' })
  uac.replaceFrom('sip:anonymous@anonymous.invalid')
})
