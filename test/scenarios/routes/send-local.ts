/** What `onLocal` may do to a request of our own: the user of its Request-URI says what. */
import { once } from 'node:events'
import { onEvent, onLoad, onLocal, onRequest } from '@signalbox/dsl'

const bus: NodeJS.EventEmitter = process
let times = 0

onLoad(({ uac }) => void bus.emit('scenario:uac', uac))

onRequest(({ reply }) => reply(404))

onLocal(async ({ req, drop, log, done, uac }) => {
  log.info(`local ${req.method} ${req.headers.has('Authorization')} ${req.via.host}`)
  req.headers.add('X-Local', 'yes')
  if (req.ruri.user === 'dropped') return drop()
  if (req.ruri.user === 'throws') throw new Error('no')
  if (req.ruri.user === 'elsewhere') req.dstUri = 'sip:127.0.0.1:5092'
  if (req.ruri.user === 'waits') await new Promise((resolve) => setImmediate(resolve))
  if (req.ruri.user === 'sends') await uac.send({ method: 'INFO', ruri: req.ruri })
  if (req.ruri.user === 'hangs') await once(process, 'scenario:go-on')
  if (req.ruri.user === 'changed') {
    req.ruri = req.ruri.with({ user: 'other' })
    req.body = 'other'
  }
  if (req.ruri.user === 'numbered') {
    times++
    req.ruri = req.ruri.with({ user: `n${times}` })
    req.body = `body ${times}`
  }
  void done.then(() => log.info('done'))
})

onEvent('uac:reply', ({ req, code }) => void bus.emit('scenario:event', `${code} ${req.headers.get('X-Local')}`))
