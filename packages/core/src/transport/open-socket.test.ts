/** Sockets that several processes share, where the C library cannot be called. */
import dgram from 'node:dgram'
import { once } from 'node:events'
import { expect, it, onTestFinished, vi } from 'vitest'
import { hasReusePort, openByNode } from './open-socket.ts'

vi.mock(import('./libc.ts'), async (original) => ({
  ...(await original()),
  loadLibc: () => Promise.resolve('no koffi here'),
}))

const binding = { address: '127.0.0.1', port: 0, isIPv6: false, isShared: true }
const canNodeShare = hasReusePort(process.versions.node)

const cannot = {
  name: 'SignalboxError',
  code: 'CONFIG',
  problems: [
    {
      text: 'workers: several processes cannot share a socket here: no koffi here',
      hint: expect.stringContaining('more than one worker needs batched sockets') as string,
    },
  ],
}

it('without koffi a Node that can share one does, and another is refused with how to mend it', async () => {
  const opened = openByNode(binding)
  if (!canNodeShare) return expect(opened).rejects.toMatchObject(cannot)
  const { socket: one } = await opened
  onTestFinished(() => void one.close())
  const { socket: other } = await openByNode({ ...binding, port: one.address().port })
  onTestFinished(() => void other.close())
  expect(other.address().port).toBe(one.address().port)
})

it('has more room for what is to leave than the kernel gives by itself', async () => {
  const plain = dgram.createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void plain.close())
  await once(plain, 'listening')
  const { socket: opened } = await openByNode({ ...binding, isShared: false })
  onTestFinished(() => void opened.close())
  expect(opened.getSendBufferSize()).toBeGreaterThan(plain.getSendBufferSize())
})

it.each([
  ['20.20.2', false],
  ['22.11.0', false],
  ['22.12.0', true],
  ['23.0.1', false],
  ['23.1.0', true],
  ['24.0.0', true],
])('Node %s can share one: %s', (version, can) => expect(hasReusePort(version)).toBe(can))
