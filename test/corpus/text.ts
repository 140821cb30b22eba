/**
 * SIP messages as text, taken apart and put together without the parser under test: head and body, fields as they stand (folds included),
 * by name. What is compared byte for byte is compared here.
 */

export interface Text {
  readonly start: string
  /** Without their CR LF. */
  readonly fields: readonly string[]
  readonly body: string
}

export function takeApart(bytes: Buffer): Text {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const [start = '', ...fields] = (end < 0 ? text : text.slice(0, end)).split(/\r\n(?![ \t])/)
  return { start, fields: fields.filter((field) => field !== ''), body: end < 0 ? '' : text.slice(end + 4) }
}

export function putTogether({ start, fields, body }: Text): Buffer {
  return Buffer.from([start, ...fields, '', body].join('\r\n'), 'latin1')
}

const compact: Record<string, string> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  l: 'content-length',
  m: 'contact',
}

export function nameOf(field: string): string {
  const name = (field.split(':', 1)[0] ?? '').trim().toLowerCase()
  return compact[name] ?? name
}

/** The first field of this name, without its name, on one line. */
export function valueOf({ fields }: Text, name: string): string | undefined {
  const field = fields.find((each) => nameOf(each) === name)
  return field
    ?.slice(field.indexOf(':') + 1)
    .replace(/\s+/g, ' ')
    .trim()
}

export function fieldsNamed({ fields }: Text, ...names: string[]): string[] {
  return fields.filter((field) => names.includes(nameOf(field)))
}

export function without({ start, fields, body }: Text, ...names: string[]): Text {
  return { start, fields: fields.filter((field) => !names.includes(nameOf(field))), body }
}

/** The statuses and methods of a message: `INVITE`, `200`. */
export function kindOf({ start }: Text): string {
  return start.startsWith('SIP/2.0 ') ? (start.split(' ')[1] ?? '') : (start.split(' ')[0] ?? '')
}

/** RFC 3581 §3: asks for the answer where we send from, since a Via of the corpus names hosts that are not here. Nothing else changes. */
export function withRport(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1')
  const via = /^(?:via|v)[ \t]*:(?:[^\r\n;,]|\r\n[ \t])*/im.exec(text)
  if (via === null || /^[^\r\n,]*;rport/.test(text.slice(via.index))) return bytes
  // Behind sent-by, wherever the line goes on.
  const behind = via.index + via[0].trimEnd().length
  return Buffer.from(`${text.slice(0, behind)};rport${text.slice(behind)}`, 'latin1')
}

/** With the fields of these names from another message instead of its own, on top. */
export function dressed(text: Text, from: Text, ...names: string[]): Text {
  return { ...text, fields: [...fieldsNamed(from, ...names), ...without(text, ...names).fields] }
}
