// expected: nothing
import * as signalbox from '@signalbox/dsl'

function install(dsl: typeof signalbox, to: `sip:${string}`): void {
  dsl.onFailure('BUSY', ({ reply }) => reply(600))
  dsl['onInDialog'](({ relay }) => relay())
  signalbox['onRequest'](({ relay }) => relay({ to, onFailure: 'BUSY' }))
}

install(signalbox, 'sip:192.0.2.1')
