/** What esbuild complains about, as a problem with a place that editors understand and a way to mend it. */
import path from 'node:path'
import type { Message } from 'esbuild'
import type { Problem } from '../errors.ts'

export function problemOf({ id, text: said, location, notes }: Message, root: string): Problem {
  const isPlaceless = id === 'empty-import-meta'
  const text = isPlaceless ? 'import.meta says nothing in a bundle' : said
  const hint = isPlaceless ? ownPlace : hintFor(text, notes.find((note) => !note.location)?.text)
  if (!location) return { text, ...(hint && { hint }) }
  return {
    text,
    file: path.resolve(root, location.file),
    line: location.line,
    column: characters(location.lineText, location.column) + 1,
    lineText: location.lineText,
    length: Math.max(
      1,
      characters(location.lineText.slice(characters(location.lineText, location.column)), location.length),
    ),
    ...(hint && { hint }),
  }
}

const ownPlace =
  'a bundle runs in other folders and on other machines: import what it needs, JSON too, or name a file by its absolute path'

/** esbuild counts bytes of UTF-8. */
function characters(text: string, bytes: number): number {
  return Buffer.from(text).subarray(0, bytes).toString().length
}

/** esbuild's own advice is about its options, which nobody sets here. */
function hintFor(text: string, note: string | undefined): string | undefined {
  const missing = /^Could not resolve "(.+)"$/.exec(text)?.[1]
  if (missing?.startsWith('.') || missing?.startsWith('/'))
    return `there is no such file; correct the path "${missing}"`
  if (missing) return `npm install ${packageName(missing)}`
  if (text.startsWith('Top-level await')) return 'top-level code only registers routes; await inside a route'
  return note
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
