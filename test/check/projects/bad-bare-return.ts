// expected: no-action 5
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay }) => {
  if (req.headers.has('X-Drop')) return
  relay()
})
