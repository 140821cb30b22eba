// expected: unarmed-route 6
import { onFailure, onReply, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:192.0.2.1', onFailure: 'USED' }))

onFailure('UNUSED', ({ reply }) => reply(480))
onFailure('USED', ({ reply }) => reply(480))
onReply(({ log }) => log.info('every reply'))
