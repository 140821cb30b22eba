// expected: waiver 5
import { onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => {
  // signalbox-allow no-action: it used to be so
  relay()
})
