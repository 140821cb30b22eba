/** Every example of the docs compiles, and every one that is a program of routes can be loaded. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { buildBundle } from '@signalbox/core/build'
import { simulate } from '@signalbox/core/testing'
import ts from 'typescript'
import { afterAll, expect, test } from 'vitest'
import { examples, root } from './examples.ts'

mkdirSync(path.join(root, '.cache'), { recursive: true })
const folder = mkdtempSync(path.join(root, '.cache', 'examples-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Each as a file of a folder from which our packages are found. */
const all = examples().map((example, index) => ({ ...example, file: path.join(folder, `${index}.ts`) }))
for (const { file, text } of all) writeFileSync(file, text)

test('there are examples of each kind', () => {
  const count = (kind: string) => all.filter((example) => example.kind === kind).length
  expect(Math.min(...['routes', 'test', 'config', 'piece'].map(count))).toBeGreaterThan(0)
  expect(all.filter(({ where }) => where.startsWith('README.md:'))).not.toEqual([])
  expect(all.filter(({ where }) => where.startsWith('packages/dsl/src/context.ts:'))).not.toEqual([])
})

test('every example compiles, strictly', { timeout: 120_000 }, () => {
  const { options } = ts.parseJsonConfigFileContent(
    {
      compilerOptions: {
        strict: true,
        target: 'ES2022',
        lib: ['ES2023'],
        module: 'NodeNext',
        noEmit: true,
        skipLibCheck: true,
        types: ['node'],
      },
    },
    ts.sys,
    root,
  )
  // What an example declares of `Register` or `Vars` holds for the whole program, and is its own.
  const [declaring, others] = [true, false].map((own) =>
    all.filter(({ text }) => text.includes('declare module') === own),
  )
  const programs = [others!, ...declaring!.map((one) => [one])].map((each) => each.map(({ file }) => file))
  const found = programs.flatMap((files) => ts.getPreEmitDiagnostics(ts.createProgram(files, options)))
  const wrong = found.map(({ file, start, messageText }) => {
    const example = all.find((one) => one.file === file?.fileName)
    const line = file && start !== undefined ? file.text.slice(0, start).split('\n').length : 0
    return `${example?.where}: line ${line} of what was compiled: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
  expect(wrong).toEqual([])
})

const programs = all.filter(({ kind }) => kind === 'routes')

test.each(programs)('$where is a bundle', { timeout: 30_000 }, async ({ file }) => {
  expect((await buildBundle({ root: folder, routes: file })).code).not.toBe('')
})

/** What arms a route that its page does not show is refused, and rightly. */
const complete = programs.filter(({ block }) => block.includes("from '@signalbox/dsl'"))

test.each(complete)('$where is loaded, and routes a call', { timeout: 30_000 }, async ({ file }) => {
  const net = await simulate({ routes: file })
  const call = await net.until(net.uac().send('OPTIONS', 'sip:bob@127.0.0.1:5080'))
  expect(call.status).toBeGreaterThanOrEqual(200)
})

/** A test on a page is of the program on that page. `docs/testing.md` is a whole project: `test/cli/testing-docs.test.ts` runs it. */
const tests = all.filter(({ kind, where }) => kind === 'test' && !where.startsWith('docs/testing.md'))

test.each(tests)('$where passes', { timeout: 60_000 }, ({ where, block }) => {
  const page = where.split(':')[0]!
  const program = complete.find((one) => one.where.startsWith(`${page}:`))
  const project = mkdtempSync(path.join(folder, 'project-'))
  mkdirSync(path.join(project, 'routes'))
  writeFileSync(path.join(project, 'routes/main.ts'), program!.text)
  writeFileSync(path.join(project, 'main.test.ts'), block)
  writeFileSync(path.join(project, 'vitest.config.ts'), 'export default {}\n')
  const args = [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', project]
  // Those of the vitest that runs this would make it one of its workers.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')))
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, env, encoding: 'utf8' })
  expect(status, stdout + stderr).toBe(0)
})
