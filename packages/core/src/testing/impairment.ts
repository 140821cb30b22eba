/** A bad line: loss, duplication and delay, all of it by a seed. */
import { parseDuration } from '../config/duration.ts'
import type { Datagram, Line } from './network.ts'

/** What is wrong with a line: see `net.impair`. */
export interface Impairment {
  /** The share of datagrams that is lost, 0 to 1. */
  loss?: number
  /** The share that arrives twice, 0 to 1. */
  duplicate?: number
  /** What each takes: milliseconds or `'20ms'`. Default 0. */
  latency?: number | string
  /** What each takes beside, at random between nothing and this: datagrams overtake each other. Default 0. */
  jitter?: number | string
  /** The peer whose line this is: an address, or the name it was given. Default: all of them. */
  at?: string
  /** Default: the simulation's. */
  seed?: number
}

/** `isOn` says whether a datagram takes this line. Throws on a share that is none. */
export function impaired(options: Impairment, random: () => number, isOn: (datagram: Datagram) => boolean): Line {
  const loss = share('loss', options.loss)
  const duplicate = share('duplicate', options.duplicate)
  const [latency, jitter] = [parseDuration(options.latency ?? 0), parseDuration(options.jitter ?? 0)]
  const delay = (): number => latency + Math.round(random() * jitter)
  return (datagram) => {
    if (!isOn(datagram)) return [0]
    if (random() < loss) return []
    return random() < duplicate ? [delay(), delay()] : [delay()]
  }
}

function share(name: string, value = 0): number {
  if (value >= 0 && value <= 1) return value
  throw new Error(`${name} is a share between 0 and 1, not ${value}`)
}
