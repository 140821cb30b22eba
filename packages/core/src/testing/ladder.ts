/**
 * A call as a ladder diagram, with the route lines that ran between the arrows. Plain text; the numbers are CSeqs, times are seconds, and an arrow
 * that ends in `✗` did not arrive.
 */

/** An arrow. */
export interface LadderMessage {
  readonly kind: 'message'
  readonly from: string
  readonly to: string
  readonly wire: string
  readonly lost?: boolean
  /** Milliseconds since the beginning. */
  readonly time?: number
}

/** A line of a route that ran. */
export interface LadderRoute {
  readonly kind: 'route'
  /** Who ran it. */
  readonly at: string
  readonly what: string
  readonly where: string
  /** Milliseconds since the beginning. */
  readonly time?: number
}

/** What a ladder is made of. */
export type LadderEvent = LadderMessage | LadderRoute

/** Room to the left of the first rail, for half of its name. */
const MARGIN = 12

/** Where the rails stand: wide enough for the longest label, within reason. */
interface Layout {
  readonly places: readonly string[]
  /** Room for the time. */
  readonly indent: number
  readonly gap: number
}

/** `names` gives addresses a name; columns stand in the order of first appearance. */
export function ladder(events: readonly LadderEvent[], names: ReadonlyMap<string, string> = new Map()): string {
  const messages = events.filter((event) => event.kind === 'message')
  const places = [...new Set(messages.flatMap(({ from, to }) => [from, to]))]
  const longest = messages.reduce((most, { wire }) => Math.max(most, summary(wire).length), 0)
  const indent = events.reduce((most, { time }) => Math.max(most, time === undefined ? 0 : seconds(time).length), 0)
  const layout = { places, indent, gap: Math.min(Math.max(longest + 7, 24), 60) }
  const heads = [places.map((place) => names.get(place) ?? ''), places].map((titles) => heading(titles, layout))
  const lines = events.map((event, i) => {
    const line = event.kind === 'message' ? arrow(event, layout) : note(event, layout)
    return event.time === events[i - 1]?.time ? line : timed(line, event.time)
  })
  return [...heads, ...lines].map((line) => line.trimEnd()).join('\n') + '\n'
}

/** Where time went on since the line before. */
function timed(line: string, time: number | undefined): string {
  return time === undefined ? line : seconds(time) + line.slice(seconds(time).length)
}

/** Milliseconds as seconds: `32.000`. */
export function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3)
}

function heading(titles: readonly string[], layout: Layout): string {
  let line = ''
  titles.forEach((title, i) => (line = line.padEnd(rail(i, layout) - Math.floor(title.length / 2)) + title))
  return line
}

function arrow({ from, to, wire, lost = false }: LadderMessage, layout: Layout): string {
  const a = layout.places.indexOf(from)
  const b = layout.places.indexOf(to)
  // A spiral (RFC 5393 §2): there is no second rail to draw it to.
  if (a === b) return onRails(layout, rail(a, layout) + 1, ` ${lost ? '✗' : '↺'} ${summary(wire)}`)
  const width = Math.abs(b - a) * layout.gap - 1
  const rule = centered(` ${summary(wire)} `.slice(0, width - 2), width - 1, '─')
  return onRails(
    layout,
    rail(Math.min(a, b), layout) + 1,
    a < b ? rule + (lost ? '✗' : '▶') : (lost ? '✗' : '◀') + rule,
  )
}

function note({ at, what, where }: LadderRoute, layout: Layout): string {
  const text = ` ● ${what}${where === '' ? '' : `  ${where}`}`
  return onRails(layout, rail(Math.max(0, layout.places.indexOf(at)), layout) + 1, text)
}

/** The rails with `text` laid over them. */
function onRails(layout: Layout, at: number, text: string): string {
  const cells = [...' '.repeat(rail(layout.places.length, layout))]
  layout.places.forEach((_, i) => (cells[rail(i, layout)] = '│'))
  cells.splice(at, text.length, ...text)
  return cells.join('')
}

function rail(column: number, { indent, gap }: Layout): number {
  return indent + MARGIN + column * gap
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
