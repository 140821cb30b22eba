// expected: floating-promise 5
import { onRequest } from '@signalbox/dsl'

onRequest(({ registrar, relay }) => {
  registrar.lookup()
  relay()
})
