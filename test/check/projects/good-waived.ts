// expected: nothing
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ req, relay, reply }) => {
  if (req.headers.has('X-One')) relay({ to: 'sip:192.0.2.1', onFailure: 'AUTH' })
  if (req.headers.has('X-Two')) reply(200) // signalbox-allow second-action: nobody sends both
  // signalbox-allow no-action: the header is there whenever the first one is not
  if (req.headers.has('X-Three')) reply(200) // signalbox-allow second-action: as above
})

onFailure('AUTH', ({ uac, relay }) => {
  // signalbox-allow secret: the carrier of the tests
  if (uac.auth({ username: 'test', password: 'test' })) relay()
})
