/** Does what the request asks for in X-Plan: how it is sent, which routes are armed, and whether they take their time. */
import {
  onBranch,
  onBranchFailure,
  onFailure,
  onReply,
  onRequest,
  type CallContext,
  type ForkOptions,
} from '@signalbox/dsl'

const host = (n: number): string => `sip:127.0.1.${n}`

interface Plan {
  targets: number
  isFork: boolean
  isSlow: boolean
  arms: readonly string[]
  timeouts: boolean
}

const planOf = ({ req }: CallContext): Plan => JSON.parse(req.headers.get('X-Plan')!) as Plan

onRequest(async (call) => {
  const { targets, isFork, arms, timeouts } = planOf(call)
  await time(call)
  const hosts = Array.from({ length: targets }, (_, i) => host(i + 1))
  const options: ForkOptions = {
    ...(arms.includes('branch') && { onBranch: 'BRANCH' }),
    ...(arms.includes('reply') && { onReply: 'REPLY' }),
    ...(arms.includes('branchFailure') && { onBranchFailure: 'BRANCH-FAILURE' }),
    ...(arms.includes('failure') && { onFailure: 'FAILURE' }),
    ...(timeouts && { timeouts: { provisional: '3s', final: '20s' } }),
  }
  if (isFork) call.fork(hosts, options)
  else call.relay({ to: hosts, ...options })
})

onBranch('BRANCH', async (call) => {
  await time(call)
  if (call.req.dstUri?.host === '127.0.1.3') call.drop()
})

onReply('REPLY', async (call) => {
  await time(call)
  if (call.res.status === 183) call.drop()
})

onBranchFailure('BRANCH-FAILURE', async (call) => {
  await time(call)
  if (call.res.status === 480) call.relay()
  if (call.res.status === 404 || call.res.status === 408) call.relay({ to: host(4), onBranchFailure: 'BRANCH-FAILURE' })
})

onFailure('FAILURE', async (call) => {
  await time(call)
  if (call.res.status === 486) call.fork([host(1), host(4)])
  if (call.res.status === 302) call.redirect(call.res.contacts.map(({ uri }) => uri))
})

let waiting: Promise<void> | undefined

/** Until the test lets every handler go on. */
async function time(call: CallContext): Promise<void> {
  if (!planOf(call).isSlow) return
  waiting ??= new Promise((resolve) => void process.once('scenario:go-on', resolve))
  await waiting
  waiting = undefined
}
