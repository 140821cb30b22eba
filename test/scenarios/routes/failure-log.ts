/** Says what a failure route was told, and leaves the answer as it is. */
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onFailure: 'LOG' }))

onFailure('LOG', ({ res, log }) => log.info(`${res.status} ${res.local ? 'made here' : 'received'}`))
