/** Answers an INFO within the dialog here and leaves the rest to the core. */
import { onInDialog, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090' }))

onInDialog(({ req, reply }) => {
  if (req.method === 'INFO') reply(415)
})
