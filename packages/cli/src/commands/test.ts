/** `signalbox test`: the project's tests, by its own vitest or the one that came with the CLI. No port is opened and no secret is needed. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { configFile, loadSources } from '../project.ts'
import { hasOwnKit } from '../test/own-kit.ts'

interface Options {
  watch?: boolean
  json?: boolean
}

export function command(): Command {
  return new Command('test')
    .description('run the tests of the routes')
    .argument('[dir]', 'the project', '.')
    .argument('[patterns...]', 'only test files whose path contains one of these')
    .option('--watch', 'run again on every save')
    .option('--json', "print vitest's JSON report")
    .addHelpText(
      'after',
      '\nWhat follows -- goes to vitest.\n\nExamples:\n  $ signalbox test my-trunk --watch\n  $ signalbox test my-trunk -- -t "a challenged call"',
    )
    .action(test)
}

async function test(_dir: string, _patterns: string[], options: Options, { args }: Command): Promise<void> {
  const toVitest = process.argv.includes('--') ? process.argv.slice(process.argv.indexOf('--') + 1) : []
  // Commander counts what follows `--` among the arguments, in which it is the last.
  const [dir = '.', ...patterns] = args.slice(0, args.length - toVitest.length)
  const root = path.resolve(dir)
  // Says so when the folder is no project. A config is not evaluated here: it may want secrets.
  if (!existsSync(configFile(root))) await loadSources(root)
  process.exitCode = await vitest(root, [...flags(root, options), ...patterns, ...toVitest])
}

function flags(root: string, { watch = false, json = false }: Options): string[] {
  const config = fileURLToPath(new URL('../test/project.config.js', import.meta.url))
  const hasOwn = configs.some((name) => existsSync(path.join(root, name)))
  return [
    watch ? 'watch' : 'run',
    // Vitest would write what it makes of a config beside it, where we may not be allowed to.
    ...(hasOwn ? [] : ['--config', config, '--configLoader', 'native']),
    ...(json ? ['--reporter=json'] : []),
  ]
}

/** What vitest would find by itself. */
const configs = ['vitest', 'vite'].flatMap((name) =>
  ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((end) => `${name}.config.${end}`),
)

/** Ends as it ends. */
function vitest(root: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [vitestOf(root), ...args], { cwd: root, stdio: 'inherit', env: plainEnv() })
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal)
  process.on('SIGTERM', pass)
  // The terminal sends its own to both.
  process.on('SIGINT', () => undefined)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** Vitest colours what it writes wherever TERM is set, also into a file. */
function plainEnv(): NodeJS.ProcessEnv {
  const isPlain = !process.stdout.isTTY && process.env['FORCE_COLOR'] === undefined
  return isPlain ? { ...process.env, NO_COLOR: '1' } : process.env
}

function vitestOf(root: string): string {
  const require = createRequire(hasOwnKit(root) ? path.join(root, 'package.json') : import.meta.url)
  return path.join(path.dirname(require.resolve('vitest/package.json')), 'vitest.mjs')
}
