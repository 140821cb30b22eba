/** Calls one carrier; some users are thought about until an event of the process. */
import { onRequest } from '@signalbox/dsl'

const to = 'sip:127.0.0.1:5090'

onRequest(async ({ req, relay, fork }) => {
  if (req.ruri.user === 'thinks') await new Promise<void>((resolve) => void process.once('scenario:go-on', resolve))
  if (req.ruri.user === 'crowd') fork(Array<string>(65).fill(to))
  else relay({ to })
})
