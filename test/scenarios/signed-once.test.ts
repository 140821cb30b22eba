/** Two routes, one behind the other, change a request that is signed. */
import { challenge, simulate } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { bundleOf } from './generations.ts'
import { isRightDigest } from './recompute-digest.ts'
import { CARRIER, digestParam, header, sentTo } from './wire.ts'

test.each([`req.body = 'as it leaves'`, ''])(
  'RFC 3261 §22.3, RFC 7616 §3.4: one answer leaves, over what leaves, and counts once: %s',
  async (change) => {
    const bundle = await bundleOf(`onRequest(({ relay }) => relay({ to: 'sip:${CARRIER}', onFailure: 'AUTH' }))
onFailure('AUTH', ({ req, uac, relay }) => {
  if (!uac.auth({ username: 'test', password: 'test' })) return
  req.body = 'changed'
  relay({ onBranch: 'LEAVES' })
})
onBranch('LEAVES', ({ req }) => { ${change} })`)
    const net = await simulate({ bundle })
    net.uas(CARRIER, challenge({ realm: 'carrier', username: 'test', password: 'test', qop: 'auth-int' }))
    const call = await net.uac().invite('sip:bob@127.0.0.1:5080')
    expect(call.status).toBe(200)
    const retry = sentTo(net, CARRIER, 'INVITE ')[1]!
    expect(retry.match(/^Proxy-Authorization: /gm)).toHaveLength(1)
    expect(digestParam(header(retry, 'Proxy-Authorization'), 'nc')).toBe('00000001')
    expect(isRightDigest(retry, 'Proxy-Authorization', 'test', 'test')).toBe(true)
  },
)
