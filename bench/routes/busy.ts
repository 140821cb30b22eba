// A route that keeps the core busy for a while, as one that has work to do.
import { onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => {
  const until = performance.now() + 0.5
  while (performance.now() < until);
  relay({ to: 'sip:127.0.0.1:5090' })
})
