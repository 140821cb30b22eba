/** Routes of one branch: before it leaves, and as soon as it has failed. By the dialled user. */
import { onBranch, onBranchFailure, onFailure, onRequest, type RequestContext } from '@signalbox/dsl'

const one = 'sip:127.0.0.1:5090'
const two = 'sip:127.0.0.1:5091'
const three = 'sip:127.0.0.1:5092'

/** What a test lets go on by an event of the process. */
const released = (): Promise<void> => new Promise((resolve) => void process.once('scenario:go-on', () => resolve()))

const acts: Record<string, (call: RequestContext) => void> = {
  stamped: ({ fork }) => fork([one, two], { onBranch: 'STAMP' }),
  moved: ({ relay }) => relay({ to: one, onBranch: 'MOVE' }),
  'own-uris': ({ fork }) =>
    fork([{ ruri: 'sip:a@127.0.0.1:5090' }, { ruri: 'sip:b@gw', to: two }], { onBranch: 'TELL' }),
  'drops-one': ({ fork }) => fork([one, two], { onBranch: 'NOT-THE-FIRST', onFailure: 'SAY' }),
  'drops-all': ({ fork }) => fork([one, two], { onBranch: 'NONE', onFailure: 'SAY' }),
  'drops-in-list': ({ relay }) => relay({ to: [one, two], onBranch: 'NOT-THE-FIRST', onFailure: 'SAY' }),
  'throws-leaving': ({ relay }) => relay({ to: one, onBranch: 'THROWS' }),
  'waits-to-leave': ({ fork }) => fork([one, two], { onBranch: 'FIRST-WAITS' }),
  'authenticates-stamped': ({ relay }) => relay({ to: one, onBranch: 'STAMP', onFailure: 'ANSWER' }),
  challenged: ({ fork }) => fork([one, two], { onBranchFailure: 'ANSWER-AT-ONCE', onFailure: 'SAY' }),
  elsewhere: ({ fork }) => fork([one, two], { onBranchFailure: 'THREE', onFailure: 'SAY' }),
  'answers-once': ({ relay }) => relay({ to: one, onBranch: 'STAMP', onBranchFailure: 'ANSWER-ONCE' }),
  'as-it-was': ({ relay }) => relay({ to: one, onBranchFailure: 'AGAIN', onFailure: 'SAY' }),
  'for-ever': ({ relay }) => relay({ to: one, onBranchFailure: 'FOR-EVER', onFailure: 'SAY' }),
  'a-list': ({ relay }) => relay({ to: one, onBranchFailure: 'A-LIST' }),
  rearms: ({ relay }) => relay({ to: one, onBranchFailure: 'REARMS' }),
  'throws-failed': ({ fork }) => fork([one, two], { onBranchFailure: 'THROWS', onFailure: 'SAY' }),
  thinks: ({ fork }) => fork([one, two], { onBranchFailure: 'THINKS', onFailure: 'SAY' }),
  hurries: ({ fork }) =>
    fork([one, two], { onBranchFailure: 'THINKS', onFailure: 'SAY', timeouts: { provisional: '2s', final: '3s' } }),
  'answers-then-forks': ({ relay }) => relay({ to: one, onFailure: 'ANSWER-AND-FORK' }),
}

onRequest((call) => acts[call.req.ruri.user]?.(call))

onBranch('STAMP', ({ req }) => {
  req.headers.set('X-Branch', String(req.dstUri?.port))
  req.ruri = req.ruri.with({ user: `u${req.dstUri?.port}` })
})

onBranch('MOVE', ({ req }) => {
  req.ruri = 'sip:moved@carrier.example'
  req.dstUri = two
})

onBranch('TELL', ({ req, log }) => log.info(`${req.ruri.toString()} by ${req.dstUri?.toString()}`))

onBranch('NOT-THE-FIRST', ({ req, drop }) => {
  if (req.dstUri?.port === 5090) drop()
})

onBranch('NONE', ({ drop }) => drop())

onBranch('THROWS', ({ req }) => {
  req.headers.set('X-Branch', 'edited')
  throw new Error('cannot stamp') // in onBranch
})

onBranch('FIRST-WAITS', async ({ req }) => {
  if (req.dstUri?.port === 5090) await released()
})

onBranchFailure('ANSWER-ONCE', ({ res, uac, relay }) => {
  if (res.status === 407) uac.auth({ username: 'u1', password: 'p1' })
  relay({ onBranchFailure: 'ANSWER-ONCE' })
})

onBranchFailure('ANSWER-AT-ONCE', ({ res, uac, relay, log }) => {
  const answered = uac.auth()
  log.info(`${res.status} → ${answered}`)
  if (answered) relay()
})

onBranchFailure('THREE', ({ res, req, relay, log }) => {
  log.info(`failed: ${res.status}${res.local ? ' local' : ''}`)
  req.headers.set('X-After', String(res.status))
  relay({ to: three })
})

onBranchFailure('AGAIN', ({ res, relay, vars, log }) => {
  const tries = Object.keys(vars).length
  Object.assign(vars, { [`try${tries}`]: res.status })
  log.info(`failed: ${res.status}`)
  if (tries < 2) relay()
})

onBranchFailure('FOR-EVER', ({ relay }) => relay())

onBranchFailure('A-LIST', ({ relay }) => relay({ to: [two, three] })) // a list

onBranchFailure('REARMS', ({ relay }) => relay({ to: two, onFailure: 'SAY' }))

onBranchFailure('THROWS', () => {
  throw new Error('cannot decide') // in onBranchFailure
})

onBranchFailure('THINKS', async ({ res, relay, signal, log }) => {
  if (res.status >= 600) return
  log.info(`thinks about ${res.status}${res.local ? ' local' : ''}`)
  await released()
  log.info(`aborted: ${signal.aborted}`)
  relay({ to: three })
})

onFailure('SAY', ({ res, responses, log }) => {
  log.info(`${res.status} of ${responses.map(({ status, local }) => `${status}${local ? ' local' : ''}`).join()}`)
})

onFailure('ANSWER', ({ uac, relay }) => {
  if (uac.auth({ username: 'test', password: 'test' })) relay()
})

onFailure('ANSWER-AND-FORK', ({ uac, fork }) => {
  if (uac.auth({ username: 'test', password: 'test' })) fork([two, three])
})
