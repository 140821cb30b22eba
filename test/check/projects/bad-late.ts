// expected: late-route 12
// expected: late-route 17
// expected: late-route 22
// expected: late-route 25
// expected: late-route 26
import { onDispose, onFailure, onInDialog, onLoad, onReply, onRequest, type RequestContext } from '@signalbox/dsl'

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
globalThis['setTimeout'](() => onDispose(() => undefined), 10)
