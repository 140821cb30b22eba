// expected: second-action 7
import { onRequest } from '@signalbox/dsl'

onRequest(({ relay, reply }) => {
  const gateways = process.env.GATEWAYS?.split(',') ?? []
  if (gateways.length === 0) return reply(503)
  for (const to of gateways) relay({ to })
  reply(480) // signalbox-allow second-action: not what this project is about
})
