// expected: nothing
import { onRequest } from '@signalbox/dsl'

const gateways = [
  { prefix: '+49', to: 'sip:192.0.2.1' },
  { prefix: '+41', to: 'sip:192.0.2.2' },
]

onRequest(({ req, relay, reply }) => {
  let found = false
  for (const { prefix, to } of gateways) {
    if (!req.ruri.user.startsWith(prefix)) continue
    relay({ to })
    found = true
    break
  }
  if (!found) reply(404)
})
