/** Forks, lists, and failure routes that go on from there, by the dialled user. */
import { onFailure, onRequest, type FailureContext, type RequestContext } from '@signalbox/dsl'

const one = 'sip:127.0.0.1:5090'
const two = 'sip:127.0.0.1:5091'
const three = 'sip:127.0.0.1:5092'

const acts: Record<string, (call: RequestContext) => void> = {
  both: ({ fork }) => fork([one, two], { onFailure: 'SAY' }),
  all: ({ fork }) => fork([one, two, three], { onFailure: 'SAY' }),
  list: ({ relay }) => relay({ to: [one, two, three], onFailure: 'SAY' }),
  'in-a-hurry': ({ fork }) => fork([one, two], { onFailure: 'SAY', timeouts: { provisional: '2s', final: 10_000 } }),
  'list-in-a-hurry': ({ relay }) =>
    relay({ to: [one, two, three], onFailure: 'SAY', timeouts: { provisional: '2s', final: 10_000 } }),
  named: ({ fork }) => fork([{ ruri: 'sip:desk@127.0.0.1:5090' }, { ruri: 'sip:0049@gw.example', to: two }]),
  astray: ({ fork }) => fork(['sips:127.0.0.1:5090', two], { onFailure: 'SAY' }),
  'all-astray': ({ fork }) => fork(['sips:127.0.0.1:5090', 'sip:nowhere.example'], { onFailure: 'SAY' }),
  nobody: ({ fork }) => fork([]),
  'then-others': ({ relay }) => relay({ to: one, onFailure: 'OTHERS' }),
  recursive: ({ relay }) => relay({ to: one, onFailure: 'FOLLOW' }),
  'ends-there': ({ fork }) => fork([one, two], { onFailure: 'ENDS' }),
  redirects: ({ redirect }) => redirect(['sip:bob@192.0.2.1', 'sip:bob@192.0.2.2']),
  'keeps-looking': ({ fork, vars }) => {
    Object.assign(vars, { leftover: 'read later' })
    fork([one, two], { onFailure: 'LATER' })
  },
}

onRequest((call) => acts[call.req.ruri.user]?.(call))

onFailure('SAY', say)

onFailure('OTHERS', (call) => {
  say(call)
  call.fork([two, three], { onFailure: 'SAY' })
})

onFailure('FOLLOW', ({ res, fork, log }) => {
  log.info(res.contacts.map(({ uri }) => uri.toString()).join())
  fork(res.contacts.map(({ uri }) => ({ ruri: uri })))
})

onFailure('ENDS', ({ redirect, reply }) => {
  redirect(['sip:voicemail@192.0.2.7'])
  reply(486)
})

onFailure('LATER', async ({ res, responses, req, vars, done, log }) => {
  await done
  log.info(`${req.method} ${res.status} ${responses.length} ${Object.values(vars).join()}`)
})

function say({ res, responses, log }: FailureContext): void {
  const all = responses.map(({ status, local }) => `${status}${local ? ' local' : ''}`)
  log.info(`${res.status} of ${all.join()}`)
}
