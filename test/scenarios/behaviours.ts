/** Carriers that the test kit has no ready behaviour for. */
import type { Behaviour } from '@signalbox/core/testing'

/** Challenges with these very parameters and looks at no answer. */
export function ask(params: string, status: 401 | 407 = 407): Behaviour {
  const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'
  return (incoming) => incoming.answer(status, { [name]: `Digest realm="carrier", ${params}` })
}
