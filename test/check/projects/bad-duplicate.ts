// expected: duplicate-route 7
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:gw.example', onFailure: 'A' }))

onFailure('A', ({ reply }) => reply(480))
onFailure('A', ({ reply }) => reply(503))
