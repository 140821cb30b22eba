/** A notification per request, from many routes at once. */
import { onLoad, onRequest } from '@signalbox/dsl'

const bus: NodeJS.EventEmitter = process

onLoad(({ uac }) => void bus.emit('scenario:uac', uac))

onRequest(async ({ req, reply, uac }) => {
  const res = await uac.send({ method: 'INFO', ruri: req.ruri.with({ port: 5091 }), body: req.ruri.user })
  reply(res.status, res.headers.get('X-Echo'))
})
