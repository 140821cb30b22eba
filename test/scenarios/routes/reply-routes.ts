/** Routes of replies: the one without a name and those with one. By the dialled user. */
import { onReply, onRequest, type ReplyContext, type RequestContext } from '@signalbox/dsl'

const one = 'sip:127.0.0.1:5090'
const two = 'sip:127.0.0.1:5091'

const released = (): Promise<void> => new Promise((resolve) => void process.once('scenario:go-on', () => resolve()))

const acts: Record<string, (call: RequestContext) => void> = {
  plain: ({ relay }) => relay({ to: one }),
  named: ({ relay }) => relay({ to: one, onReply: 'NAMED' }),
  quiet: ({ relay }) => relay({ to: one, onReply: 'QUIET' }),
  stubborn: ({ relay }) => relay({ to: one, onReply: 'DROPS-ALL' }),
  slow: ({ relay }) => relay({ to: one, onReply: 'FIRST-WAITS' }),
  'slow-fork': ({ fork }) => fork([one, two], { onReply: 'FIRST-WAITS' }),
  throws: ({ relay }) => relay({ to: one, onReply: 'THROWS' }),
  answers: ({ reply }) => reply(486),
}

onRequest((call) => acts[call.req.ruri.user]?.(call))

onReply(({ req, res, log }) => {
  log.info(`global ${req.method} ${res.status}`)
  res.headers.set('X-Seen', 'global')
})

onReply('NAMED', ({ res, log }) => {
  log.info(`named ${res.status} after ${res.headers.get('X-Seen')}`)
  res.headers.set('X-Seen', 'named')
  res.headers.delete('Server')
})

onReply('QUIET', ({ res, drop }) => {
  if (res.status === 180) drop()
})

onReply('DROPS-ALL', ({ drop }) => drop())

onReply('FIRST-WAITS', async ({ vars, log }: ReplyContext) => {
  if (Object.keys(vars).length > 0) return
  Object.assign(vars, { first: true })
  await released()
  log.info('goes on')
})

onReply('THROWS', ({ res }) => {
  res.headers.set('X-Seen', 'edited')
  throw new Error('cannot hide') // in onReply
})
