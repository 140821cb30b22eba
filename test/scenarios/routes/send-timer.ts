/** A timer of `onLoad` that pings, and is stopped by `onDispose` unless the test keeps it. */
import { onDispose, onLoad, onRequest } from '@signalbox/dsl'

const bus: NodeJS.EventEmitter = process

onRequest(({ reply }) => reply(404))

onLoad(({ uac, data, signal, log }) => {
  const ping = async () => {
    const res = await uac.send({ method: 'OPTIONS', ruri: 'sip:127.0.0.1:5091' })
    log.info(`ping ${res.status} ${res.reason}`)
  }
  data.timer = setInterval(() => void ping(), 30_000)
  signal.addEventListener('abort', () => log.info('aborted'))
})

onDispose(({ data, log }) => {
  log.info('disposed')
  if (bus.listenerCount('scenario:keep') === 0) clearInterval(data.timer as NodeJS.Timeout)
})
