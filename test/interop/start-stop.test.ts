/** How the proxy's process begins and ends, as an operator and a caller see it. */
import { expect, test } from 'vitest'
import { openPeers } from './peers.ts'
import { answer } from './phone.ts'
import { freeTcpPort, freeUdpPort } from './ports.ts'
import { header } from './sipp-trace.ts'
import { program } from './signalbox.ts'
import { settledWithin, until } from './wait.ts'

/** How soon the process must have ended once nothing awaits a final answer. */
const PROMPTLY = 3_000

test('a SIP port in use: exit code 1, and the message names it', async () => {
  const peers = openPeers()
  const { port } = await peers.phone()
  const proxy = peers.launch(program('trunk-auth', 5090), { port, adminPort: await freeTcpPort() })
  expect(await proxy.exited).toBe(1)
  expect(proxy.output).toContain(`127.0.0.1:${port}`)
  expect(proxy.output).not.toMatch(/^\s+at /m)
})

test('an admin port in use: exit code 1, and the message names it', async () => {
  const peers = openPeers()
  const { adminPort } = await peers.signalbox(program('trunk-auth', 5090))
  const proxy = peers.launch(program('trunk-auth', 5090), { port: await freeUdpPort(), adminPort })
  expect(await proxy.exited).toBe(1)
  expect(proxy.output).toContain(`127.0.0.1:${adminPort}`)
  expect(proxy.output).not.toMatch(/^\s+at /m)
})

test('SIGTERM while a call rings: it is answered, new calls get 503, and the process ends with 0', async () => {
  const peers = openPeers()
  const [caller, carrier] = [await peers.phone(), await peers.phone()]
  const proxy = await peers.signalbox(program('trunk-auth', carrier.port))
  await caller.send(caller.request('INVITE', 'ringing', proxy.port), proxy.port)
  const invite = await carrier.receive('INVITE')
  await carrier.send(answer(invite, '180 Ringing'), proxy.port)
  await caller.receive('180')

  proxy.signal('SIGTERM')
  await until('the proxy is draining', async () => (await proxy.readiness()) === 503)
  const late = await peers.phone()
  await late.send(late.request('INVITE', 'late', proxy.port), proxy.port)
  const refusal = await late.receive('503')
  expect(Number.parseInt(header(refusal, 'Retry-After'), 10)).toBeGreaterThan(0)

  await carrier.send(answer(invite, '200 OK'), proxy.port)
  expect(header(await caller.receive('200'), 'Call-ID')).toBe('ringing')
  expect(await settledWithin(proxy.exited, PROMPTLY)).toBe(true)
  expect(await proxy.exited).toBe(0)
})

test('SIGTERM without calls, and again: the process ends with 0', async () => {
  const proxy = await openPeers().signalbox(program('trunk-auth', 5090))
  proxy.signal('SIGTERM')
  proxy.signal('SIGTERM')
  expect(await settledWithin(proxy.exited, PROMPTLY)).toBe(true)
  expect(await proxy.exited).toBe(0)
})
