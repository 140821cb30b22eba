/** `workers: 2` as processes: how they stop, what they leave, who has the ports, and whose the trunks are. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseDatabaseAddress } from '../../packages/core/src/store/address.ts'
import { Store } from '../../packages/core/src/store/store.ts'
import { openPeers, type Peers } from './peers.ts'
import { answer, type Phone } from './phone.ts'
import { freeTcpPort } from './ports.ts'
import { rpc } from './registrations.ts'
import { program, type Signalbox } from './signalbox.ts'
import { cseq, firstLine, header } from './sipp-trace.ts'
import { callIdFor, isAlive, two, workerPids } from './worker-calls.ts'
import { settledWithin, until } from './wait.ts'

const owners = [0, 1]

/** A call that rings, in each worker. */
async function ringing(peers: Peers) {
  const [caller, callee] = [await peers.phone(), await peers.phone()]
  const proxy = await peers.signalbox(program('trunk-auth', callee.port), two)
  const invites: string[] = []
  for (const owner of owners) {
    await caller.send(caller.request('INVITE', callIdFor(owner, 'rings'), proxy.port), proxy.port)
    invites.push(await callee.receive('INVITE'))
    await callee.send(answer(invites.at(-1)!, '180 Ringing'), proxy.port)
    await caller.receive('180')
  }
  return { caller, callee, proxy, invites, pids: await workerPids(proxy) }
}

async function answered(
  { callee, caller, proxy }: Record<'caller' | 'callee', Phone> & { proxy: Signalbox },
  invite: string,
) {
  await callee.send(answer(invite, '200 OK'), proxy.port)
  expect(header(await caller.receive('200'), 'Call-ID')).toBe(header(invite, 'Call-ID'))
}

test('SIGTERM: calls of both workers finish, new ones are answered 503, nobody is left', async () => {
  const call = await ringing(openPeers())
  const { caller, proxy, invites, pids } = call
  proxy.signal('SIGTERM')
  await until('it drains', async () => (await proxy.readiness()) === 503)
  for (const owner of owners) {
    await caller.send(caller.request('INVITE', callIdFor(owner, 'late'), proxy.port), proxy.port)
    expect(firstLine(await caller.receive('503'))).toContain('503')
  }
  await answered(call, invites[0]!)
  expect(await settledWithin(proxy.exited, 300)).toBe(false)
  await answered(call, invites[1]!)
  expect(await settledWithin(proxy.exited, 5_000)).toBe(true)
  expect(await proxy.exited).toBe(0)
  expect(pids.filter(isAlive)).toEqual([])
})

test('Ctrl-C, which a terminal sends to all of them: calls finish all the same', async () => {
  const call = await ringing(openPeers())
  const { proxy, invites, pids } = call
  process.kill(-proxy.pid, 'SIGINT')
  await until('it drains', async () => (await proxy.readiness()) === 503)
  for (const invite of invites) await answered(call, invite)
  expect(await settledWithin(proxy.exited, 5_000)).toBe(true)
  expect(await proxy.exited).toBe(0)
  expect(pids.filter(isAlive)).toEqual([])
})

test('a port that another program has is refused as ever, also where that one would share it', async () => {
  const peers = openPeers()
  const socket = createSocket({ type: 'udp4', reuseAddr: true }).bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  const { port } = socket.address()
  const proxy = peers.launch(program('trunk-auth', 5090), { port, adminPort: await freeTcpPort() }, two)
  expect(await proxy.exited).toBe(1)
  expect(proxy.output).toContain(`cannot listen on udp:127.0.0.1:${port}: EADDRINUSE`)
  expect(proxy.output).toContain('another process has this port')
})

test('routes that do not load: exit code 1, what and where, and nobody is left', async () => {
  const peers = openPeers()
  const routes = `import { onLoad, onRequest } from '@signalbox/dsl'
onRequest(({ reply }) => reply(403))
onLoad(() => { throw new Error('not today ' + process.pid) })
`
  const proxy = peers.launch(routes, { port: await freeTcpPort(), adminPort: await freeTcpPort() }, two)
  expect(await proxy.exited).toBe(1)
  expect(proxy.output).toMatch(/routes\/main\.ts:3:\d+: onLoad threw Error: not today \d+/)
  const pid = Number(/not today (\d+)/.exec(proxy.output)![1])
  expect(pid).not.toBe(proxy.pid)
  expect(isAlive(pid)).toBe(false)
})

const viaTrunk = `import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ uac, relay, reply }) => {
  const trunk = uac.reg.lookup('u1')
  if (!trunk?.isRegistered) return reply(480, 'Not registered')
  uac.reg.requestTo('u1', { by: 'uuid' })
  relay({ onFailure: 'AUTH' })
})

onFailure('AUTH', ({ uac, relay }) => {
  if (uac.auth()) relay()
})
`

const challenge = 'Proxy-Authenticate: Digest realm="carrier.example", nonce="n1", algorithm=MD5'

test('RFC 3261 §10.2: a trunk is registered once, by one worker, and calls go out through it from both', async () => {
  const peers = openPeers()
  const [carrier, caller] = [await peers.phone(), await peers.phone()]
  const database = `sqlite:${join(peers.folder('database'), 'trunks.db')}`
  const store = new Store(parseDatabaseAddress(database, '/')!, { info: () => undefined, warn: () => undefined })
  onTestFinished(() => store.close())
  await store.createTables!()
  await store.sql`insert into uacreg (l_uuid, l_username, l_domain, r_username, r_domain, realm, auth_username, auth_password, auth_proxy, expires)
    values (${'u1'}, ${'l1'}, ${'127.0.0.1'}, ${'r1'}, ${'127.0.0.1'}, ${'carrier.example'}, ${'r1'}, ${'secret'},
      ${`sip:127.0.0.1:${carrier.port}`}, ${600})`
  const proxy = await peers.signalbox(viaTrunk, { ...two, database })
  const register = await carrier.receive('REGISTER')
  await carrier.send(answer(register, '200 OK', `Contact: ${header(register, 'Contact')};expires=600`), proxy.port)
  await until('it is registered', async () =>
    (await proxy.metrics()).includes('signalbox_trunks{state="registered"} 1\n'),
  )
  expect(await rpc(proxy.adminPort, 'uac.reg_info', 'l_uuid', 'u1')).toMatchObject({ state: 'registered' })

  for (const owner of owners) {
    await caller.send(caller.request('INVITE', callIdFor(owner, 'trunk'), proxy.port), proxy.port)
    const first = await carrier.receive('INVITE')
    await carrier.send(answer(first, '407 Proxy Authentication Required', challenge), proxy.port)
    await carrier.receive('ACK')
    const second = await carrier.receive('INVITE')
    expect(header(second, 'Proxy-Authorization')).toContain('username="r1"')
    expect(cseq(second)).toBe('INVITE 2')
    await carrier.send(answer(second, '486 Busy Here'), proxy.port)
    await carrier.receive('ACK')
    expect(cseq(await caller.receive('486'))).toBe('INVITE 1')
  }
  expect(carrier.received.filter((text) => text.startsWith('REGISTER '))).toHaveLength(1)

  // Another worker 0 registers it anew, and the binding is the same one: its Contact is.
  const [owner] = await workerPids(proxy)
  process.kill(owner!, 'SIGKILL')
  const anew = await carrier.receive('REGISTER')
  expect(header(anew, 'Contact')).toBe(header(register, 'Contact'))
  await carrier.send(answer(anew, '200 OK', `Contact: ${header(anew, 'Contact')};expires=600`), proxy.port)
  await until('it is known', async () => {
    const info = await rpc(proxy.adminPort, 'uac.reg_info', 'l_uuid', 'u1').catch(() => undefined)
    return (info as { state?: string } | undefined)?.state === 'registered'
  })
  for (const target of owners) {
    await caller.send(caller.request('INVITE', callIdFor(target, 'again'), proxy.port), proxy.port)
    const invite = await carrier.receive('INVITE')
    await carrier.send(answer(invite, '486 Busy Here'), proxy.port)
    await caller.receive('486')
  }
  await rpc(proxy.adminPort, 'uac.reg_remove', 'u1')
  const withdrawn = await carrier.receive('REGISTER')
  expect(header(withdrawn, 'Contact') + header(withdrawn, 'Expires')).toMatch(/expires=0|^.*0$/)
  for (const target of owners) {
    await caller.send(caller.request('INVITE', callIdFor(target, 'gone'), proxy.port), proxy.port)
    expect(firstLine(await caller.receive('480'))).toContain('Not registered')
  }
})
