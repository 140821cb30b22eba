/** What a proxy still holds when everything should be over, told so that a reader knows which call it was and what would have ended it. */
import type { Stack } from '../stack.ts'
import { callIdOf, type Journal, type SentMessage } from './journal.ts'
import { seconds } from './ladder.ts'

/** How many open requests are listed. */
const SHOWN = 5

/** Undefined when nothing is left. `waited` is in milliseconds; `routeTimers` counts what the routes' `onDispose` has not stopped. */
export function leftovers(stack: Stack, journal: Journal, waited: number, routeTimers: number): string | undefined {
  const { layer, callees } = stack.proxy
  const kinds: [count: number, what: string, mend: string][] = [
    [
      layer.servers,
      'server transaction',
      'a request has no final answer: let who is called answer, call.cancel(), or advance beyond Timer C',
    ],
    [
      layer.clients,
      'client transaction',
      'a peer has given no final answer: let it answer, or wait for Timer B, C or F',
    ],
    [callees.size, 'call answered here that awaits its ACK', 'the caller sends none'],
    [stack.runningHandlers, 'running handler', 'it awaits something that never comes'],
    [
      stack.requests.size,
      'request of its own',
      'uac.send has no answer yet: let the peer answer, or give it a timeout',
    ],
    [routeTimers, 'timer of the routes', 'a setInterval, or a longer setTimeout: stop it in onDispose'],
    [stack.timers.size, 'timer', 'it belongs to one of these'],
  ]
  const left = kinds.filter(([count]) => count > 0)
  if (left.length === 0) return undefined
  const list = left.map(([count, what, mend]) => `  ${count} ${count === 1 ? what : plural(what)}: ${mend}`)
  return [
    `left behind after 64 × T1 (${seconds(waited)} s), the proxy still holds:`,
    ...list,
    ...openRequests(journal),
    '',
    journal.ladder(),
  ].join('\n')
}

/** `timers of the routes`. */
function plural(what: string): string {
  return what.replace(/transaction$|^timer|handler$|^call|^request/, '$&s')
}

/** What came in, or was begun here, and has no final answer. */
function openRequests(journal: Journal): string[] {
  const answered = new Set(journal.messages.filter(({ wire }) => /^SIP\/2\.0 [2-6]/.test(wire)).map(idOf))
  const open = new Map(
    journal.messages
      .filter(({ wire }) => !/^(SIP\/2\.0|ACK) /.test(wire))
      .map((request) => [idOf(request), request] as const)
      .toReversed()
      .filter(([id]) => !answered.has(id)),
  )
  if (open.size === 0) return []
  const lines = [...open.values()].toReversed().map(described)
  const more = lines.length > SHOWN ? [`  and ${lines.length - SHOWN} more`] : []
  return ['without a final answer:', ...lines.slice(0, SHOWN), ...more]
}

function described({ from, to, wire, time }: SentMessage): string {
  return `  ${wire.split(' SIP/2.0\r\n', 1)[0]} from ${from} to ${to} at ${seconds(time)} s, Call-ID ${callIdOf(wire)}`
}

/** RFC 3261 §17.1.3: branch and method. */
function idOf({ wire }: SentMessage): string {
  const branch = /^(?:Via|v)[ \t]*:.*?;[ \t]*branch=([^;,\s]+)/im.exec(wire)?.[1]
  return `${branch} ${/^CSeq[ \t]*:\s*\d+\s+(\S+)/im.exec(wire)?.[1]}`
}
