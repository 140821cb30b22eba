/** A call as a ladder diagram, with the route lines that ran between the arrows. Plain text. */

export interface LadderMessage {
  readonly kind: 'message'
  readonly from: string
  readonly to: string
  readonly wire: string
}

export interface LadderRoute {
  readonly kind: 'route'
  /** Who ran it. */
  readonly at: string
  readonly what: string
  readonly where: string
}

export type LadderEvent = LadderMessage | LadderRoute

const COLUMN = 30

/** `names` gives addresses a name; columns stand in the order of first appearance. */
export function ladder(events: readonly LadderEvent[], names: ReadonlyMap<string, string> = new Map()): string {
  const places = [...new Set(events.flatMap((event) => (event.kind === 'message' ? [event.from, event.to] : [])))]
  const heads = [0, 1].map((line) =>
    places.map((place) => centered(line === 0 ? (names.get(place) ?? '') : place, COLUMN)).join(''),
  )
  const lines = events.map((event) => (event.kind === 'message' ? arrow(event, places) : note(event, places)))
  return [...heads, ...lines].map((line) => line.trimEnd()).join('\n') + '\n'
}

function arrow({ from, to, wire }: LadderMessage, places: readonly string[]): string {
  const a = places.indexOf(from)
  const b = places.indexOf(to)
  const left = Math.min(a, b)
  const right = Math.max(a, b)
  const width = (right - left) * COLUMN - 1
  const label = ` ${summary(wire)} `
  const text = label.length > width - 4 ? label.slice(0, width - 4) : label
  const rule = centered(text, width - 1, '─')
  const body = a < b ? rule + '▶' : '◀' + rule
  const cells = rails(places.length).split('')
  cells.splice(middle(left) + 1, width, ...body)
  return cells.join('')
}

function note({ at, what, where }: LadderRoute, places: readonly string[]): string {
  const column = Math.max(0, places.indexOf(at))
  const text = ` ● ${what}${where === '' ? '' : `  ${where}`}`
  const cells = rails(places.length).split('')
  cells.splice(middle(column), text.length, ...text)
  return cells.join('')
}

function rails(count: number): string {
  return Array.from({ length: count }, () => centered('│', COLUMN)).join('')
}

function middle(column: number): number {
  return column * COLUMN + Math.floor((COLUMN - 1) / 2)
}

function centered(text: string, width: number, fill = ' '): string {
  const before = Math.max(0, Math.floor((width - text.length) / 2))
  return (fill.repeat(before) + text).padEnd(width, fill)
}

/** `INVITE (CSeq 1)`, `407 Proxy Authentication Required (CSeq 1 INVITE)`. */
export function summary(wire: string): string {
  const [start = ''] = wire.split('\r\n', 1)
  const cseq = /^CSeq:\s*(\d+)\s+(\S+)/im.exec(wire)
  if (!start.startsWith('SIP/2.0 ')) return `${start.split(' ', 1)[0]} (CSeq ${cseq?.[1]})`
  return `${start.slice(8)} (CSeq ${cseq?.[1]} ${cseq?.[2]})`
}
