/** Findings as SARIF 2.1.0, which code hosts read. */
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Finding } from './findings.ts'
import { rulePage } from './rule-pages.ts'
import { rules } from './rules/rules.ts'

/** Files are named relative to where the user stands: that is what a code host knows. */
export function sarif(findings: readonly Finding[], version: string, base = process.cwd()): object {
  const known = rules.map(({ id, reason, severity }) => ({
    id,
    shortDescription: { text: reason },
    help: { text: rulePage(id), markdown: rulePage(id) },
    defaultConfiguration: { level: severity },
  }))
  const others = [...new Set(findings.map(({ id }) => id))].filter((id) => !rules.some((rule) => rule.id === id))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'signalbox', version, rules: [...known, ...others.map((id) => ({ id }))] } },
        originalUriBaseIds: { ROOT: { uri: `${pathToFileURL(base).href}/` } },
        results: findings.map((finding) => resultOf(finding, base)),
      },
    ],
  }
}

function resultOf({ id, severity, text, hint, ...finding }: Finding, base: string): object {
  const message = { text: hint === undefined ? text : `${text}\n${hint}` }
  return { ruleId: id, level: severity, message, locations: locationsOf(finding, base) }
}

function locationsOf({ file, line, column, length, lineText }: Partial<Finding>, base: string): object[] {
  if (file === undefined) return []
  const relative = path.relative(base, file)
  const artifactLocation = relative.startsWith('..')
    ? { uri: pathToFileURL(file).href }
    : { uri: relative.split(path.sep).map(encodeURIComponent).join('/'), uriBaseId: 'ROOT' }
  if (line === undefined) return [{ physicalLocation: { artifactLocation } }]
  // What goes on over several lines ends with its first.
  const end = column !== undefined && length ? Math.min(column + length, (lineText?.length ?? Infinity) + 1) : undefined
  const region = {
    startLine: line,
    ...(column !== undefined && { startColumn: column }),
    ...(end !== undefined && { endColumn: end }),
  }
  return [{ physicalLocation: { artifactLocation, region } }]
}
