/** Reads SIPp's message log (`-trace_msg`): who said what on the wire, as text. */

export interface TracedMessage {
  direction: 'sent' | 'received'
  text: string
}

const SEPARATOR = /^-{20,} .*$/m
const HEADING = /^UDP message (sent|received) .*$/m

export function parseTrace(log: string): TracedMessage[] {
  return log.split(SEPARATOR).flatMap((entry) => {
    const heading = HEADING.exec(entry)
    if (!heading) return []
    const direction = heading[1] === 'sent' ? 'sent' : 'received'
    return [{ direction, text: entry.slice(heading.index + heading[0].length).trimStart() }]
  })
}

export function firstLine(text: string): string {
  return /^[^\r\n]*/.exec(text)?.[0] ?? ''
}

/** The first value of a header in its long form: all that SIPp, Kamailio and the proxy write. */
export function header(text: string, name: string): string {
  return new RegExp(`^${name}\\s*:\\s*(.*?)\\s*$`, 'im').exec(text)?.[1] ?? ''
}

/** All values of a header whose values have no commas in them, in order. */
export function headers(text: string, name: string): string[] {
  const fields = [...text.matchAll(new RegExp(`^${name}\\s*:\\s*(.*?)\\s*$`, 'gim'))]
  return fields.flatMap(([, value = '']) => value.split(/\s*,\s*/))
}

export function topBranch(text: string): string {
  return /;branch=([^;,\s]+)/.exec(header(text, 'Via'))?.[1] ?? ''
}

/** Messages by Call-ID, in the order they came; what came twice counts once. */
export function byCall(messages: readonly TracedMessage[]): Map<string, string[]> {
  const calls = new Map<string, string[]>()
  for (const { text } of messages) {
    const id = header(text, 'Call-ID')
    const call = calls.get(id) ?? []
    if (!call.includes(text)) calls.set(id, [...call, text])
  }
  return calls
}

/** `INVITE 1`, `ACK 1`, `BYE 2`: the method and the number of a message's CSeq. */
export function cseq(text: string): string {
  const [number, method] = header(text, 'CSeq').split(/\s+/)
  return `${method} ${number}`
}
