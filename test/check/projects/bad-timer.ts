// expected: no-action 4
import { onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => {
  setTimeout(() => relay({ to: 'sip:gw.example' }), 1000)
})
