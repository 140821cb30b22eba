/** `// signalbox-allow ID: reason`, on the line of a finding or above it. */
import type { Finding } from './findings.ts'
import { pageOf, rules } from './rules/rules.ts'

export interface Source {
  file: string
  text: string
}

interface Waiver {
  file: string
  /** Where it stands, and the line it is about. */
  line: number
  column: number
  about: number
  id: string
  reason: string
  lineText: string
}

const ID = 'waiver'
const comment = /\/\/\s*signalbox-allow\b[ \t]*([\w-]*)[ \t]*:?[ \t]*(.*)$/

/** Takes away what is waived, and adds what is wrong with the waivers. */
export function waive(findings: readonly Finding[], sources: readonly Source[]): Finding[] {
  const waivers = sources.flatMap(waiversIn)
  const used = new Set<Waiver>()
  const left = findings.filter((finding) => {
    const waiver = waivers.find((each) => each.reason !== '' && covers(each, finding))
    if (waiver) used.add(waiver)
    return waiver === undefined
  })
  return [...left, ...waivers.filter((waiver) => !used.has(waiver)).map((waiver) => complaintOf(waiver, findings))]
}

function covers({ file, about, id }: Waiver, finding: Finding): boolean {
  return finding.code === id && finding.file === file && finding.line === about
}

function waiversIn({ file, text }: Source): Waiver[] {
  if (!text.includes('signalbox-allow')) return []
  const lines = text.split('\n').map((line) => line.trimEnd())
  return lines.flatMap((lineText, index) => {
    const [all, id = '', reason = ''] = comment.exec(lineText) ?? []
    if (all === undefined) return []
    const column = lineText.indexOf(all)
    const about = column === lineText.length - lineText.trimStart().length ? below(lines, index) : index + 1
    return [{ file, line: index + 1, column: column + 1, about, id, reason, lineText }]
  })
}

/** The next line with code on it. */
function below(lines: readonly string[], index: number): number {
  const next = lines.findIndex((line, at) => at > index && !/^\s*(\/\/.*)?$/.test(line))
  return next < 0 ? index + 1 : next + 1
}

function complaintOf(waiver: Waiver, findings: readonly Finding[]): Finding {
  const { file, line, column, lineText } = waiver
  const [text, hint] = whatIsWrong(waiver, findings)
  const place = { file, line, column, lineText, length: lineText.length - column + 1 }
  return { code: ID, id: ID, severity: 'warning', text, hint, page: pageOf(ID), ...place }
}

function whatIsWrong({ id, reason, about }: Waiver, findings: readonly Finding[]): [string, string] {
  const ids = rules.map((rule) => rule.id)
  if (!ids.includes(id)) return [`there is no rule "${id}" to waive`, `there is ${ids.join(', ')}`]
  if (reason === '') return ['a waiver needs a reason', `// signalbox-allow ${id}: why it is right here`]
  const others = findings.filter((finding) => finding.line === about && finding.code !== id).map(({ code }) => code)
  const found = others.length > 0 ? `; ${others.join(', ')} was found there` : ''
  return ['this waives nothing', `nothing of ${id} is found on line ${about}${found}: remove it`]
}
