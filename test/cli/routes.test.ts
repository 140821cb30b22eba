import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runCli } from './cli-process.ts'
import { tempProject } from './temp-project.ts'

const COMPILER = 30_000

/** A trunk that challenges the call. */
const programs = path.join(import.meta.dirname, '../interop/programs')
const trunkAuth = () => readFile(path.join(programs, 'trunk-auth.ts'), 'utf8')

/** Registered at a carrier. */
const registered = `import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(async ({ req, uac, registrar, relay, reply }) => {
  if (req.method === 'REGISTER') return registrar.save()
  const trunk = uac.reg.lookup(req.ruri.user)
  if (trunk) {
    req.ruri = trunk.localUri
    if (await registrar.lookup()) return relay()
    return reply(404, 'Not Found')
  }
  if (uac.reg.requestTo(req.from.uri.user, { by: 'uuid' })) {
    return relay({ onFailure: 'REMOTE_AUTH' })
  }
  reply(403, 'No trunk')
})

onFailure('REMOTE_AUTH', ({ res, uac, relay }) => {
  if ((res.status === 401 || res.status === 407) && uac.auth()) relay()
})
`

test('program 1 as text', { timeout: COMPILER }, async () => {
  const dir = await tempProject({ 'routes/main.ts': await trunkAuth() })
  expect(await runCli(['routes', dir])).toEqual({
    code: 0,
    stderr: '',
    stdout: `onRequest  routes/main.ts:4
  relay 'sip:127.0.0.1:5090'  routes/main.ts:5  onFailure TRUNKAUTH
  relay 'sip:127.0.0.1:5090'  routes/main.ts:6

onFailure TRUNKAUTH  routes/main.ts:9
  relay  routes/main.ts:13
`,
  })
})

test('program 1 as Mermaid', { timeout: COMPILER }, async () => {
  const dir = await tempProject({ 'routes/main.ts': await trunkAuth() })
  expect((await runCli(['routes', dir, '--mermaid'])).stdout).toBe(`flowchart LR
  r0["onRequest<br/>routes/main.ts:4"]
  r1["onFailure TRUNKAUTH<br/>routes/main.ts:9"]
  r0 --> t0(["relay 'sip:127.0.0.1:5090'<br/>routes/main.ts:5"])
  t0 -.->|onFailure| r1
  r0 --> t1(["relay 'sip:127.0.0.1:5090'<br/>routes/main.ts:6"])
  r1 --> t2(["relay<br/>routes/main.ts:13"])
`)
})

test('program 2 as text', { timeout: COMPILER }, async () => {
  const dir = await tempProject({ 'routes/main.ts': registered })
  expect((await runCli(['routes', dir])).stdout).toBe(`onRequest  routes/main.ts:3
  registrar.save  routes/main.ts:4
  relay  routes/main.ts:8
  reply 404  routes/main.ts:9
  relay  routes/main.ts:12  onFailure REMOTE_AUTH
  reply 403  routes/main.ts:14

onFailure REMOTE_AUTH  routes/main.ts:17
  relay  routes/main.ts:18
`)
})

test('--json, with functions on the way and routes that nothing reaches', { timeout: COMPILER }, async () => {
  const dir = await tempProject({
    'routes/main.ts': `import { onFailure, onRequest } from '@signalbox/dsl'
import { deliver } from './deliver.ts'
onRequest((call) => deliver(call))
onFailure('BUSY', ({ reply }) => reply(486))
onFailure('LOST', ({ reply }) => reply(480))
`,
    'routes/deliver.ts': `import type { RequestContext } from '@signalbox/dsl'
export const deliver = ({ fork }: RequestContext) => fork(['sip:a', 'sip:b'], { onFailure: 'BUSY' })
`,
  })
  const { stdout } = await runCli(['routes', dir, '--json'])
  expect(JSON.parse(stdout)).toEqual({
    routes: [
      {
        registrar: 'onRequest',
        name: '',
        at: 'routes/main.ts:3',
        reached: true,
        actions: [],
        functions: [
          {
            name: 'deliver',
            at: 'routes/deliver.ts:2',
            actions: [
              {
                action: 'fork',
                target: "['sip:a', 'sip:b']",
                at: 'routes/deliver.ts:2',
                arms: [{ option: 'onFailure', names: ['BUSY'], computed: false }],
              },
            ],
          },
        ],
      },
      {
        registrar: 'onFailure',
        name: 'BUSY',
        at: 'routes/main.ts:4',
        reached: true,
        actions: [{ action: 'reply', target: '486', at: 'routes/main.ts:4', arms: [] }],
        functions: [],
      },
      {
        registrar: 'onFailure',
        name: 'LOST',
        at: 'routes/main.ts:5',
        reached: false,
        actions: [{ action: 'reply', target: '480', at: 'routes/main.ts:5', arms: [] }],
        functions: [],
      },
    ],
  })
})
