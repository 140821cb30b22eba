/** Commands in the installed folder, as somebody types them there: nothing of the run that this is part of is in their environment. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd: string
  env?: Record<string, string>
}

export async function run(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const running = start(command, args, options)
  return running.ended
}

export interface Running {
  /** Resolves once what it has written so far matches; rejects when it ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
  ended: Promise<Ended>
}

export function start(command: string, args: readonly string[], { cwd, env }: RunOptions): Running {
  const child = spawn(command, args, { cwd, env: { ...outerEnv(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (text: Buffer) => (written[name] += text))
  const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, ...written }))
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(written.stdout + written.stderr)
          if (match) resolve(match)
        }
        child.stdout.on('data', look)
        child.stderr.on('data', look)
        look()
        void ended.then(() => reject(new Error(`ended without saying ${pattern}:\n${written.stdout}${written.stderr}`)))
      }),
  }
}

/** A vitest that inherits the variables of ours would be one of its workers, and an npm would work in our folder. */
function outerEnv(): NodeJS.ProcessEnv {
  const inner =
    /^(VITEST|TEST$|NODE_ENV$|DEV$|PROD$|SSR$|MODE$|BASE_URL$|SIGNALBOX_|INIT_CWD$|npm_(lifecycle|package|config_local_prefix))/
  const outer = Object.entries(process.env).filter(([name]) => !inner.test(name))
  return { ...Object.fromEntries(outer), NO_COLOR: '1' }
}
