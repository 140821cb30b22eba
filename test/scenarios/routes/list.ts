/** Two carriers in order; the second has a Request-URI of its own. */
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) =>
  relay({
    to: ['sip:127.0.0.1:5090', { ruri: 'sip:0049@carrier.example', to: 'sip:127.0.0.1:5091' }],
    onFailure: 'TRUNK',
  }),
)

onFailure('TRUNK', ({ res, uac, relay, log }) => {
  log.info(`failed: ${res.status}`)
  if (res.status === 407 && uac.auth({ username: 'test', password: 'test' })) relay()
})
