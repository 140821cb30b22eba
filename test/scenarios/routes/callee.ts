/** Answers calls itself, by the dialled user. */
import { onFailure, onRequest, type RequestContext } from '@signalbox/dsl'

const one = 'sip:127.0.0.1:5090'

const acts: Record<string, (call: RequestContext) => void> = {
  answers: ({ reply }) => reply(200, 'Here', { headers: { 'Content-Type': 'application/sdp' }, body: 'v=0\r\n' }),
  rings: ({ reply }) => {
    reply(180)
    reply(200)
  },
  'names-itself': ({ reply }) => reply(200, '', { headers: { Contact: '<sip:ivr@127.0.0.1:5080>' } }),
  'in-the-end': ({ relay }) => relay({ to: one, onFailure: 'ANSWERS' }),
}

onRequest((call) => acts[call.req.ruri.user]?.(call))

onFailure('ANSWERS', ({ reply }) => reply(200))
