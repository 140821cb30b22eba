/**
 * docs/api: what each package exports, read from the declarations that the build leaves, so that a change of surface shows in review.
 * `node scripts/api.mjs` says whether it is so still, `--write` makes it so, `--reference` writes the reference with all docs to `.cache/api`.
 * An export without a docstring fails.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import ts from 'typescript'
import { main, Refusal, root, run } from './run.mjs'

const folder = join(root, 'docs', 'api')
const packages = ['dsl', 'core', 'cli'].map((name) => join(root, 'packages', name))

async function api(args) {
  if (args.includes('--reference')) return reference()
  const program = ts.createProgram({
    rootNames: packages.flatMap(entriesOf).map(({ file }) => file),
    options: { module: ts.ModuleKind.NodeNext, types: ['node'] },
  })
  const surfaces = packages.map((path) => surfaceOf(path, program))
  refuseUndocumented(surfaces)
  mkdirSync(folder, { recursive: true })
  for (const surface of surfaces) await compare(surface, args.includes('--write'))
  return 0
}

/** `{ name, file }` of each entry of a package that has types. */
function entriesOf(path) {
  const { name, exports } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
  return Object.entries(exports)
    .filter(([, target]) => target.types !== undefined)
    .map(([entry, target]) => ({ name: name + entry.slice(1), file: join(path, target.types) }))
}

function surfaceOf(path, program) {
  const checker = program.getTypeChecker()
  const entries = entriesOf(path).map(({ name, file }) => {
    const source = program.getSourceFile(file)
    if (source === undefined) throw new Refusal(`${file} is not there: npm run build`)
    const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(source))
    return { name, exported: new Map(symbols.map((symbol) => [symbol.name, target(symbol, checker)])) }
  })
  return { path, entries, inner: mentioned(entries, { path, checker }), checker }
}

function target(symbol, checker) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

/**
 * What this package declares and its exports mention, and nobody can import. What those mention in turn is the inside: a report that named it
 * too would change with every change.
 */
function mentioned(entries, { path, checker }) {
  const exported = new Set(entries.flatMap((entry) => [...entry.exported.values()]))
  const found = new Set()
  const visit = (node) => {
    if (isPrivate(node)) return
    const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined
    if (symbol !== undefined) found.add(target(symbol, checker))
    ts.forEachChild(node, visit)
  }
  for (const symbol of exported) symbol.declarations.forEach(visit)
  return [...found].filter((symbol) => !exported.has(symbol) && isTopLevel(symbol, path))
}

function isPrivate(node) {
  return ts.isPrivateIdentifier(node) || (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0
}

function isTopLevel({ declarations = [] }, path) {
  return declarations.some((node) => {
    const statement = ts.isVariableDeclaration(node) ? node.parent.parent : node
    return (
      statement.parent !== undefined &&
      ts.isSourceFile(statement.parent) &&
      statement.getSourceFile().fileName.startsWith(`${path}/`)
    )
  })
}

function refuseUndocumented(surfaces) {
  const missing = surfaces.flatMap(({ entries, checker }) =>
    entries.flatMap(({ name, exported }) =>
      [...exported]
        .filter(([, symbol]) => symbol.getDocumentationComment(checker).length === 0)
        .map(([key]) => `${name}: ${key} has no docstring`),
    ),
  )
  if (missing.length > 0) throw new Refusal([...new Set(missing)].join('\n'))
}

async function compare({ path, entries, inner }, write) {
  const file = join(folder, `${path.split('/').at(-1)}.api.md`)
  const text = await format(report(entries, inner), { ...(await resolveConfig(file)), filepath: file })
  if (write) writeFileSync(file, text)
  else if (textOf(file) !== text)
    throw new Refusal(
      `${file} is not what the package exports: node scripts/api.mjs --write, and say why in the commit`,
    )
}

function report(entries, inner) {
  const sections = entries.map(({ name, exported }) => section(name, [...exported]))
  const rest = inner.map((symbol) => [symbol.name, symbol])
  if (rest.length > 0) sections.push(section('Mentioned by these, not exported', rest))
  const intro =
    'The public surface, without its docs. Made by `node scripts/api.mjs --write`; `npm run check` compares.'
  return [`# ${entries[0].name}`, intro, ...sections].join('\n\n') + '\n'
}

function section(title, symbols) {
  const sorted = symbols.toSorted(([a], [b]) => (a < b ? -1 : 1))
  const texts = sorted.map(([name, symbol]) => symbol.declarations.map((node) => textFor(name, node)).join('\n'))
  return `## ${title}\n\n\`\`\`ts\n${texts.join('\n\n')}\n\`\`\``
}

const printer = ts.createPrinter({ removeComments: true })

function textFor(name, node) {
  const statement = ts.isVariableDeclaration(node) ? node.parent.parent : node
  const text = printer.printNode(ts.EmitHint.Unspecified, statement, statement.getSourceFile())
  const own = node.name?.text
  return text.replace(/^export (declare )?/, '') + (own !== undefined && own !== name ? ` // as ${name}` : '')
}

async function reference() {
  const entries = packages.flatMap((path) => entriesOf(path).map(({ file }) => sourceOf(file)))
  const options = ['--tsconfig', 'tsconfig.base.json', '--readme', 'none', '--name', 'Signalbox', '--out', '.cache/api']
  // Types are checked elsewhere, with the options of each part.
  const quiet = [
    '--skipErrorChecking',
    '--treatWarningsAsErrors',
    '--logLevel',
    'Warn',
    '--excludePrivate',
    '--disableSources',
  ]
  const typedoc = join(root, 'node_modules', 'typedoc', 'bin', 'typedoc')
  const { code, output } = await run(process.execPath, [typedoc, ...options, ...quiet, ...entries])
  if (code !== 0) throw new Refusal(`${output}\ntypedoc failed`)
  console.log('.cache/api/index.html')
  return 0
}

function sourceOf(file) {
  return file.replace('/dist/', '/src/').replace(/\.d\.ts$/, '.ts')
}

function textOf(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

await main(() => api(process.argv.slice(2)))
