// expected: nothing
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay, reply }) => {
  if (req.method === 'OPTIONS') return new Promise((done) => setTimeout(() => done(reply(200)), 10))
  const late = setTimeout(() => reply(503), 3000)
  clearTimeout(late)
  relay({ to: 'sip:gw.example' })
})
