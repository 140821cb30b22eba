// expected: nothing
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:192.0.2.1', onFailure: 'NEXT' }))

onFailure('NEXT', ({ res, req, canceled, uac, relay, reply }) => {
  if (canceled) return
  switch (res.status) {
    case 401:
    case 407:
      if (uac.auth({ username: 'a', password: process.env.A ?? '' }) || uac.auth()) return relay()
      req.dstUri = 'sip:192.0.2.2'
      relay()
      break
    case 503:
      relay({ to: 'sip:192.0.2.3', onFailure: 'NEXT' })
      break
    case 600:
      reply(486)
  }
})
