/** A proxy whose routes hand their `uac` to the test. */
import { simulate, type Behaviour, type SimulateOptions, type Simulation, type Uas } from '@signalbox/core/testing'
import type { Response, SendOptions, UacSend } from '@signalbox/dsl'
import { SECOND } from './wire.ts'

export interface Sending {
  readonly net: Simulation
  readonly peer: Uas
  /** Sends, and lets time pass until the answer is there. */
  send(options: Partial<SendOptions>): Promise<Response>
  /** Sends and does not wait. */
  begin(options: Partial<SendOptions>): Promise<Response>
}

export const PEER = `sip:peer@${SECOND}`

/** `behaviour` is what the peer at `SECOND` does. */
export async function sending(behaviour: Behaviour, options: SimulateOptions = {}): Promise<Sending> {
  const given = new Promise<UacSend>((resolve) => bus.once('scenario:uac', resolve))
  const net = await simulate({ routes: 'test/scenarios/routes/send-any.ts', ...options })
  const uac = await given
  const begin = (parts: Partial<SendOptions>) => uac.send({ method: 'MESSAGE', ruri: PEER, ...parts })
  return { net, peer: net.uas(SECOND, behaviour), begin, send: (parts) => net.until(begin(parts)) }
}

const bus: NodeJS.EventEmitter = process
