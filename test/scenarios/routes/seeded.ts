/** Everything that takes chance: digests, sealed names, a request of our own. */
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, uac, relay }) => {
  if (req.method === 'INVITE') uac.replaceFrom({ display: 'Trunk', uri: 'sip:trunk@127.0.0.1' })
  relay({ to: 'sip:127.0.0.1:5090', auth: { username: 'test', password: 'test' } })
})
