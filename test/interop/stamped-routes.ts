/** Routes that tell by their calls which of many generations they are. */

/** Every route writes which generation it is of; `uac_generations` of SIPp compares what they wrote. */
export const stampedRoutes = (
  carrier: number,
  number: number,
): string => `import { onFailure, onReply, onRequest } from '@signalbox/dsl'

declare module '@signalbox/dsl' {
  interface Vars { seen: string }
}

const me = '${number}'

onRequest(({ relay, vars }) => {
  vars.seen = me
  relay({ to: 'sip:127.0.0.1:${carrier}', onFailure: 'TRUNKAUTH', onReply: 'STAMP' })
})

onFailure('TRUNKAUTH', ({ req, vars, uac, relay }) => {
  if (!uac.auth({ username: 'test', password: 'test' })) return
  vars.seen += ' ' + me
  req.headers.set('X-Gens', vars.seen)
  relay()
})

onReply('STAMP', ({ res, vars }) => res.headers.set('X-Gens', vars.seen + ' ' + me))
`
