/** Hands `uac` to the test, as a timer set up in `onLoad` would have it, and tells of every event. */
import { onEvent, onLoad, onRequest } from '@signalbox/dsl'

const bus: NodeJS.EventEmitter = process

onLoad(({ uac }) => void bus.emit('scenario:uac', uac))

onRequest(({ reply }) => reply(404))

onEvent('uac:reply', ({ req, res, param, code, type, log }) => {
  log.info(
    `${req.method} ${req.cseq.number} ${code} ${res.reason} ${type} ${String(param)} ${req.headers.get('Subject')}`,
  )
})
