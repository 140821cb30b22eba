import { describe, expect, it } from 'vitest'
import type { Libc } from './libc.ts'
import { BATCH, MessageBatch, ROOM } from './message-batch.ts'

/** A batch whose memory begins there, and its iovecs: address and length of each. */
function batchAt(start: bigint) {
  const views: ArrayBufferView[] = []
  const addressOf = (view: ArrayBufferView): bigint => {
    views.push(view)
    return start
  }
  const batch = new MessageBatch({ addressOf } as Libc, 16)
  const vectors = views.find((view) => view.byteLength === BATCH * 16)!
  const words = new BigUint64Array(vectors.buffer)
  return { batch, vector: (place: number) => [words[place * 2]!, words[place * 2 + 1]!] }
}

describe('MessageBatch', () => {
  it('has room for the largest datagram in each place', () => {
    const { vector } = batchAt(0x7f00_0000_1000n)
    expect(vector(0)).toEqual([0x7f00_0000_1000n, BigInt(ROOM)])
    expect(vector(BATCH - 1)).toEqual([0x7f00_0000_1000n + BigInt((BATCH - 1) * ROOM), BigInt(ROOM)])
  })

  it('puts what is to be sent one behind the other, also across a border of 4 GiB', () => {
    const { batch, vector } = batchAt(0x7f00_ffff_fffdn)
    batch.add('abc', 0)
    batch.add('de\xe9', 1)
    batch.write()
    batch.add('f', 2)
    batch.write()
    expect([0, 1, 2].map(vector)).toEqual([
      [0x7f00_ffff_fffdn, 3n],
      [0x7f01_0000_0000n, 3n],
      [0x7f01_0000_0003n, 1n],
    ])
    expect(batch.bytes.subarray(0, 7)).toEqual(Buffer.from('abcde\xe9f', 'latin1'))
  })

  it('begins again once all is sent', () => {
    const { batch, vector } = batchAt(0x1000n)
    batch.add('abc', 0)
    batch.write()
    batch.clear()
    batch.add('xy', 0)
    batch.write()
    expect(vector(0)).toEqual([0x1000n, 2n])
    expect(batch.bytes.subarray(0, 3)).toEqual(Buffer.from('xyc'))
  })
})
