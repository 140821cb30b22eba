// expected: nothing
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest((call) => {
  const { relay: forward, req: request } = call
  const answer = call.reply
  if (request.method === 'INVITE') forward({ to: 'sip:192.0.2.1', onFailure: 'BUSY' })
  else answer(405)
})

onFailure('BUSY', (failed) => {
  const send = failed.relay
  if (failed.res.status === 486) send({ to: 'sip:voicemail@192.0.2.9' })
})
