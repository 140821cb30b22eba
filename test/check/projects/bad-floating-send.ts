// expected: floating-promise 6
// expected: floating-promise 13
import { onRequest, type RequestContext } from '@signalbox/dsl'

onRequest((call) => {
  notify(call)
  call.reply(200)
})

async function notify({ req, uac }: RequestContext) {
  const targets = ['sip:192.0.2.1', 'sip:192.0.2.2']
  await uac.send({ method: 'MESSAGE', ruri: targets[0]!, body: req.callId })
  targets.forEach((ruri) => uac.send({ method: 'OPTIONS', ruri }))
}
