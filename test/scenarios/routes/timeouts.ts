/** A first carrier that has two seconds to say something and ten to answer, then a second one. */
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) =>
  relay({ to: 'sip:127.0.0.1:5090', timeouts: { provisional: '2s', final: 10_000 }, onFailure: 'NEXT' }),
)

onFailure('NEXT', ({ res, relay, log }) => {
  log.info(`${res.status} ${res.local ? 'made here' : 'received'}`)
  relay({ to: 'sip:127.0.0.1:5091' })
})
