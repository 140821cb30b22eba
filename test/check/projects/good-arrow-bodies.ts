// expected: nothing
import { onFailure, onInDialog, onReply, onRequest } from '@signalbox/dsl'

onRequest(({ req, relay, reply }) =>
  req.method === 'MESSAGE'
    ? reply(405)
    : req.ruri.user === ''
      ? reply(404)
      : relay({ onFailure: 'AUTH', onReply: 'NOTE' }),
)

onInDialog(({ relay }) => relay({ onFailure: 'AUTH' }))

onFailure('AUTH', ({ res, uac, relay }) => void (res.status === 407 && uac.auth() && relay()))

onReply('NOTE', ({ res, log }) => log.info(`${res.status}`))
