/** Credentials that are for one realm. */
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ vars, relay }) => {
  // Never in their place.
  Object.assign(vars, { auser: 'vera', apass: 'vera-secret' })
  relay({ to: 'sip:127.0.0.1:5090', onFailure: 'TRUNK' })
})

onFailure('TRUNK', ({ uac, relay }) => {
  if (uac.auth({ username: 'test', password: 'test', realm: 'wanted' })) relay()
})
