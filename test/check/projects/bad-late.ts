// expected: late-route 11
// expected: late-route 16
// expected: late-route 21
// expected: late-route 24
import { onFailure, onInDialog, onLoad, onReply, onRequest, type RequestContext } from '@signalbox/dsl'

onRequest(main)

function main(call: RequestContext): void {
  screened()
  onFailure('IN_HANDLER', ({ reply }) => reply(486))
  call.relay({ onFailure: 'IN_HANDLER', onReply: 'IN_HELPER' })
}

const screened = (): void => {
  onReply('IN_HELPER', ({ res }) => void res.headers.delete('Server'))
  return
}

onLoad(() => {
  onReply(() => undefined)
})

setTimeout(() => onInDialog(() => undefined), 10)
