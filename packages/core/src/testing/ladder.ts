/** A call as a ladder diagram, with the route lines that ran between the arrows. Plain text; the numbers are CSeqs. */

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

/** A message between two parties, or a route line that ran at one. */
export type LadderEvent = LadderMessage | LadderRoute

/** Room to the left of the first rail, for half of its name. */
const MARGIN = 12

/** Where the rails stand: wide enough for the longest label, within reason. */
interface Layout {
  readonly places: readonly string[]
  readonly gap: number
}

/** `names` gives addresses a name; columns stand in the order of first appearance. */
export function ladder(events: readonly LadderEvent[], names: ReadonlyMap<string, string> = new Map()): string {
  const messages = events.filter((event) => event.kind === 'message')
  const places = [...new Set(messages.flatMap(({ from, to }) => [from, to]))]
  const longest = Math.max(0, ...messages.map(({ wire }) => summary(wire).length))
  const layout = { places, gap: Math.min(Math.max(longest + 7, 24), 60) }
  const heads = [places.map((place) => names.get(place) ?? ''), places].map((titles) => heading(titles, layout))
  const lines = events.map((event) => (event.kind === 'message' ? arrow(event, layout) : note(event, layout)))
  return [...heads, ...lines].map((line) => line.trimEnd()).join('\n') + '\n'
}

function heading(titles: readonly string[], { gap }: Layout): string {
  let line = ''
  titles.forEach((title, i) => (line = line.padEnd(MARGIN + i * gap - Math.floor(title.length / 2)) + title))
  return line
}

function arrow({ from, to, wire }: LadderMessage, layout: Layout): string {
  const a = layout.places.indexOf(from)
  const b = layout.places.indexOf(to)
  const width = Math.abs(b - a) * layout.gap - 1
  const rule = centered(` ${summary(wire)} `.slice(0, width - 2), width - 1, '─')
  return onRails(layout, rail(Math.min(a, b), layout) + 1, a < b ? rule + '▶' : '◀' + rule)
}

function note({ at, what, where }: LadderRoute, layout: Layout): string {
  const text = ` ● ${what}${where === '' ? '' : `  ${where}`}`
  return onRails(layout, rail(Math.max(0, layout.places.indexOf(at)), layout) + 1, text)
}

/** The rails with `text` laid over them. */
function onRails(layout: Layout, at: number, text: string): string {
  const cells = [...' '.repeat(MARGIN + layout.places.length * layout.gap)]
  layout.places.forEach((_, i) => (cells[rail(i, layout)] = '│'))
  cells.splice(at, text.length, ...text)
  return cells.join('')
}

function rail(column: number, { gap }: Layout): number {
  return MARGIN + column * gap
}

function centered(text: string, width: number, fill: string): string {
  const before = Math.max(0, Math.floor((width - text.length) / 2))
  return (fill.repeat(before) + text).padEnd(width, fill)
}

/** How much of a reason phrase is shown. */
const REASON = 18

/** `1 INVITE`, `407 Proxy Authentica… (1 INVITE)`: the number is the CSeq. */
export function summary(wire: string): string {
  const [start = ''] = wire.split('\r\n', 1)
  const [, number, method] = /^CSeq[ \t]*:\s*(\d+)\s+(\S+)/im.exec(wire) ?? []
  if (!start.startsWith('SIP/2.0 ')) return `${number} ${start.split(' ', 1)[0]}`
  const answer = start.slice(8)
  return `${answer.length > REASON + 4 ? answer.slice(0, REASON + 3) + '…' : answer} (${number} ${method})`
}
