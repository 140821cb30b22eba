/** Each branch under a name of its own; or one carrier that challenges, named by the route that the Request-URI asks for. */
import { onBranch, onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ req, uac, fork, relay }) => {
  const to = 'sip:127.0.0.1:5090'
  if (req.ruri.user === 'failure') uac.replaceFrom({ display: '', uri: 'sip:request@route.example' })
  if (req.ruri.user === 'bob') fork([to, 'sip:127.0.0.1:5091'], { onBranch: 'NAME' })
  else if (req.ruri.user === 'alone') relay({ to, onBranch: 'NAME', onFailure: 'TRUNK' })
  else relay({ to, onFailure: 'TRUNK' })
})

onBranch('NAME', ({ req, uac }) => {
  uac.replaceFrom({ display: '', uri: `sip:${req.dstUri?.port}@branch.example` })
})

onFailure('TRUNK', ({ req, uac, relay }) => {
  if (req.ruri.user === 'failure') uac.replaceTo({ display: 'Failed', uri: 'sip:failure@route.example' })
  if (uac.auth({ username: 'test', password: 'test' })) relay()
})
