/** One way of acting, or of not acting, for each dialled user. */
import { onFailure, onRequest, type RequestContext } from '@signalbox/dsl'

const to = 'sip:127.0.0.1:5090'

/** Computed: a literal would be refused when the routes are loaded. */
const misspelt = 'MISSPELT'

type Act = (call: RequestContext) => void | Promise<void>

const acts: Record<string, Act> = {
  plain({ relay }) {
    relay({ to })
  },

  twice({ relay, reply }) {
    relay({ to }) // the first of two
    reply(403) // the second of two
  },

  async 'twice-across-await'({ relay, reply, redirect, drop, fork }) {
    relay({ to }) // the first of many
    await new Promise((resolve) => setImmediate(resolve))
    reply(403)
    redirect(['sip:elsewhere@192.0.2.1'])
    fork([to, to])
    await Promise.resolve()
    drop()
  },

  'waits-for-the-end': async ({ relay, done, signal, log }) => {
    relay({ to })
    await done
    log.info(`done, aborted: ${signal.aborted}`)
  },

  nothing() {
    // Ends without an action.
  },

  throws() {
    throw new Error('thrown before') // before an action
  },

  'throws-later'({ relay }) {
    relay({ to }) // then it throws
    throw new Error('thrown after') // after an action
  },

  async awaits({ vars, req, relay }) {
    Object.assign(vars, { auser: req.callId })
    await Promise.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    req.headers.set('X-Call', vars.auser ?? '')
    relay({ to })
  },

  async 'awaits-and-throws'() {
    await Promise.resolve()
    throw new Error('thrown later') // after an await
  },

  rings({ reply, relay }) {
    reply(183, 'Wait')
    relay({ to })
  },

  refuses({ reply }) {
    reply(403, 'No trunk', { headers: { 'X-Why': ['a', 'b'], 'Content-Type': 'text/plain' }, body: 'größe' })
  },

  drops({ drop }) {
    drop()
  },

  edits({ req, relay, log }) {
    req.ruri = req.ruri.with({ user: '0049' })
    req.headers.set('Subject', 'one')
    req.headers.set('Subject', 'two')
    req.headers.add('X-New', 'a')
    req.headers.add('X-New', 'größe')
    req.headers.delete('X-Old')
    log.info(
      [req.ruri.user, req.headers.get('Subject'), ...req.headers.getAll('x-new'), req.headers.has('X-Old')].join(),
    )
    relay({ to })
  },

  injects({ req, relay }) {
    req.headers.set('X-Bad', 'a\r\nX-Evil: b') // refused
    relay({ to })
  },

  'injects-and-goes-on'({ req, relay, log }) {
    const attempts = [
      () => req.headers.set('Subject', 'a\r\nX-Evil: b'),
      () => req.headers.add('X Evil', 'b'),
      () => req.headers.set('From', '<sip:evil@evil.example>'),
      () => (req.ruri = 'sip:bob@evil.example X-Evil'),
    ]
    for (const attempt of attempts) log.info(codeOf(attempt))
    relay({ to })
  },

  'misspells-and-goes-on'({ relay, reply, log }) {
    log.info(codeOf(() => relay({ to, onFailure: misspelt })))
    reply(480)
  },

  misspells({ relay }) {
    relay({ to, onFailure: misspelt }) // no such route
  },

  loops({ relay }) {
    relay({ to, onFailure: 'LOOP' })
  },

  challenged({ req, relay }) {
    req.ruri = 'sip:0049@carrier.example'
    req.headers.set('X-Trunk', 'one')
    relay({ to, onFailure: 'ANSWER' })
  },

  'throws-in-failure'({ relay }) {
    relay({ to, onFailure: 'THROWS' })
  },

  rearms({ relay }) {
    relay({ to, onFailure: 'REARM' })
  },
}

onRequest((call) => acts[call.req.ruri.user]?.(call))

onFailure('LOOP', ({ relay, log }) => {
  log.info('again')
  relay({ to, onFailure: 'LOOP' })
})

onFailure('ANSWER', ({ req, uac, relay }) => {
  req.headers.set('X-Try', 'two')
  if (uac.auth({ username: 'test', password: 'test' })) relay()
})

onFailure('THROWS', () => {
  throw new Error('thrown in a failure route')
})

onFailure('REARM', ({ uac, relay }) => {
  if (uac.auth({ username: 'test', password: 'test' })) relay({ onFailure: 'OTHER', timeouts: { provisional: '2s' } })
})

onFailure('OTHER', ({ res, reply }) => reply(480, `after ${res.status}`))

function codeOf(attempt: () => unknown): string {
  try {
    attempt()
    return 'not refused'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}
