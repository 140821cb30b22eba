/** UDP in memory: order, loss, repetition. */
import { expect, it } from 'vitest'
import { MemoryNetwork } from './network.ts'
import { VirtualClock } from './virtual-clock.ts'

function rig(): {
  network: MemoryNetwork
  arrived: string[]
  open: (port: number, answer?: string) => ReturnType<MemoryNetwork['open']>
} {
  const network = new MemoryNetwork(new VirtualClock())
  const arrived: string[] = []
  const open = (port: number, answer?: string): ReturnType<MemoryNetwork['open']> => {
    const socket = network.open('127.0.0.1', port, (bytes, address, from) => {
      arrived.push(`${from}→${port} ${bytes.toString('latin1')}`)
      if (answer !== undefined) socket.send(answer, address, from)
    })
    return socket
  }
  return { network, arrived, open }
}

it('delivers in the order of sending, what is sent on its account included', () => {
  const { network, arrived, open } = rig()
  const a = open(1)
  open(2, 'answer')
  open(3)
  a.send('one', '127.0.0.1', 2)
  a.send('two', '127.0.0.1', 3)
  expect([arrived, network.isQuiet]).toEqual([[], false])
  network.deliver()
  expect(arrived).toEqual(['1→2 one', '1→3 two', '2→1 answer'])
  expect(network.isQuiet).toBe(true)
})

it('keeps bytes as they are', () => {
  const { network, arrived, open } = rig()
  const bytes = '\x00\x80\xff\r\n'
  open(1).send(bytes, '127.0.0.1', 2)
  open(2)
  network.deliver()
  expect(arrived).toEqual([`1→2 ${bytes}`])
})

it.each([
  ['loses', 0],
  ['delivers', 1],
  ['repeats', 2],
])('a filter %s', (_, copies) => {
  const { network, arrived, open } = rig()
  network.filter = ({ wire }) => (wire === 'x' ? copies : 1)
  const a = open(1)
  open(2)
  for (const wire of ['x', 'y']) a.send(wire, '127.0.0.1', 2)
  network.deliver()
  expect(arrived).toEqual([...Array<string>(copies).fill('1→2 x'), '1→2 y'])
  expect(network.sent.map(({ wire }) => wire)).toEqual(['x', 'y'])
})

it('loses what is sent to nobody, as UDP does', () => {
  const { network, arrived, open } = rig()
  open(1).send('x', '127.0.0.1', 9)
  network.deliver()
  expect(arrived).toEqual([])
})

it('has one socket at an address', () => {
  const { open } = rig()
  open(1)
  expect(() => open(1)).toThrow('127.0.0.1:1 is in use in this simulation')
})
