/** A carrier that is known by its name. */
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:carrier.example:5090', onFailure: 'TRUNK' }))

onFailure('TRUNK', ({ res, uac, relay, log }) => {
  log.info(`${res.status} ${res.local ? 'made here' : 'received'}`)
  if (uac.auth({ username: 'test', password: 'test' })) relay()
})
