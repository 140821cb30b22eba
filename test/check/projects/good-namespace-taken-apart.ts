// expected: nothing
import * as signalbox from '@signalbox/dsl'

const { onRequest, onFailure } = signalbox
const on = 'onInDialog'

onFailure('BUSY', ({ reply }) => reply(600))
signalbox[on](({ relay }) => relay())
onRequest(({ relay }) => relay({ onFailure: 'BUSY' }))
