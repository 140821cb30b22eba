/**
 * The titles of all tests, read from their sources: each as the path from the outermost `describe`. Rows of `each` that stand there as
 * literals are put into their titles, as vitest does.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import ts from 'typescript'
import { root } from './run.mjs'

/** `{ file, path, pattern }` of every test, in the order of the files; `pattern` is the path without the rows filled in. */
export function testTitles() {
  return testFiles().flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest)
    return titlesIn(source).map((title) => ({ file, ...title }))
  })
}

function testFiles() {
  return ['packages', 'test']
    .flatMap((folder) => filesUnder(join(root, folder)))
    .map((file) => relative(root, file).replaceAll(sep, '/'))
}

function filesUnder(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : filesUnder(path)
    return entry.name.endsWith('.test.ts') ? [path] : []
  })
}

function titlesIn(source) {
  const found = []
  const visit = (node, path, pattern) => {
    const call = suiteOrTest(node)
    if (call === undefined) return ts.forEachChild(node, (child) => visit(child, path, pattern))
    for (const title of call.titles) {
      const below = [
        [...path, title],
        [...pattern, call.pattern],
      ]
      if (call.kind === 'test') found.push({ path: below[0], pattern: below[1] })
      else for (const body of call.bodies) ts.forEachChild(body, (child) => visit(child, ...below))
    }
  }
  visit(source, [], [])
  return found
}

/** `describe('…', …)`, `test.each([…])('…', …)` and the like; undefined for any other node. */
function suiteOrTest(node) {
  if (!ts.isCallExpression(node)) return undefined
  const [title, ...bodies] = node.arguments
  const { name, rows } = calleeOf(node.expression)
  if (name === undefined || title === undefined || !isText(title)) return undefined
  const pattern = textOf(title)
  return { kind: name === 'describe' ? name : 'test', pattern, titles: expanded(pattern, rows), bodies }
}

/** The function at the bottom of `describe.runIf(x).each(rows)`, and the rows. */
function calleeOf(expression) {
  let rows
  for (let at = expression; ; at = at.expression) {
    if (ts.isIdentifier(at)) return { name: ['describe', 'test', 'it'].includes(at.text) ? at.text : undefined, rows }
    if (ts.isCallExpression(at)) rows ??= rowsOf(at)
    else if (!ts.isPropertyAccessExpression(at)) return {}
  }
}

function rowsOf({ expression, arguments: [rows] }) {
  const isEach = ts.isPropertyAccessExpression(expression) && expression.name.text === 'each'
  return isEach && rows !== undefined && ts.isArrayLiteralExpression(rows) ? [...rows.elements] : undefined
}

/** One title for each row, as far as the rows are literals; the same title twice is one. */
function expanded(title, rows) {
  if (rows === undefined) return [title]
  return [
    ...new Set(rows.map((row) => (ts.isObjectLiteralExpression(row) ? byName(title, row) : byPosition(title, row)))),
  ]
}

function byName(title, row) {
  const values = new Map(
    row.properties.filter(ts.isPropertyAssignment).map((each) => [each.name.text, each.initializer]),
  )
  return title.replace(/\$(\w+)/g, (all, name) => literal(values.get(name)) ?? all)
}

function byPosition(title, row) {
  const cells = ts.isArrayLiteralExpression(row) ? [...row.elements] : [row]
  return title.replace(/%[sdjo]/g, () => literal(cells.shift()) ?? '…')
}

function literal(node) {
  if (node === undefined) return undefined
  return isText(node) || ts.isNumericLiteral(node) ? textOf(node) : undefined
}

function isText(node) {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)
}

/** What a template fills in is not known here. */
function textOf(node) {
  if (!ts.isTemplateExpression(node)) return node.text
  return node.head.text + node.templateSpans.map(({ literal }) => '…' + literal.text).join('')
}
