/** docs/corpus.md, made of a survey. */
import { fileURLToPath } from 'node:url'
import { format } from 'prettier'
import type { Finding, FlowFinding, Survey } from './survey.ts'

export const reportFile = fileURLToPath(new URL('../../docs/corpus.md', import.meta.url))

const intro = `# Messages that others have collected

Every message of \`../shared/corpus\`, sent over UDP to a running proxy whose routes relay everything. *Forwarded*: it arrived with every byte that
nobody may touch, and the answer found its way back. *Absorbed*: a 100, which goes no further. A response stands in the place of a live
answer; each was also sent as one that belongs to nothing, and dropped. After each message a normal call went through.

Made by \`UPDATE_REPORT=1 npx vitest run --project unit test/corpus\`; the tests fail when it is stale.
`

const titles: Record<string, string> = {
  rfc4475: 'RFC 4475: torture messages',
  rfc5118: 'RFC 5118: IPv6',
  'valid-messages': 'Well-formed messages of an IMS',
}

export function report({ findings, flows }: Survey): Promise<string> {
  const folders = [...new Set(findings.map(({ folder }) => folder))]
  const departing = [...findings, ...flows].filter(({ departure }) => departure !== undefined)
  const numberOf = (each: Finding | FlowFinding): string => `${departing.indexOf(each) + 1 || ''}`
  const reasons = departing.map(
    (each, i) => `${i + 1}. \`${'file' in each ? each.file : each.name}\`: ${each.departure!.because}`,
  )
  const parts = [
    intro,
    ...folders.map((folder) => messageTable(folder, findings, numberOf)),
    `## Call flows of RFC 3665 and RFC 3327\n`,
    markdown(
      ['flow', 'through the proxy', 'departure'],
      flows.map((flow) => [flow.name, flow.does, numberOf(flow)]),
    ),
    `## Departures\n`,
    reasons.join('\n'),
  ]
  return format(parts.join('\n'), { parser: 'markdown', printWidth: 120 })
}

function messageTable(folder: string, findings: readonly Finding[], numberOf: (finding: Finding) => string): string {
  const rows = findings
    .filter((finding) => finding.folder === folder)
    .map((finding) => {
      const { file, does, expectation } = finding
      const wants = expectation.wants.map((want) => want.split(' ')[0]).join(' or ')
      return [file, expectation.what, wants, clauseOf(finding), does, numberOf(finding)]
    })
  return `## ${titles[folder]}\n\n${markdown(['message', 'what it is', 'RFC wants', 'clause', 'we do', 'departure'], rows)}\n`
}

function clauseOf({ folder, expectation: { clause, wants } }: Finding): string {
  if (folder === 'valid-messages') return wants[0] === 'absorbed' ? 'RFC 3261 §16.7' : 'RFC 3261 §16'
  return clause === '' ? '' : `§${clause}`
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
