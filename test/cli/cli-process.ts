/** The built command line as a child process: as users run it, without a terminal. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const bin = fileURLToPath(new URL('../../packages/cli/bin/signalbox.js', import.meta.url))

/** How many workers a proxy has that is started here: what each of them does once is done so often. */
export const workers = Number(process.env.SIGNALBOX_WORKERS || 1)

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunningCli {
  /** Resolves once what it has written so far, stdout and stderr together, matches. Rejects when it ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Everything written so far is forgotten by `says`. */
  forget(): void
  kill(signal: NodeJS.Signals): void
  finished: Promise<Finished>
}

export function runCli(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  return startCli(args, env).finished
}

export function startCli(args: readonly string[], env: Record<string, string> = {}): RunningCli {
  const { PATH } = process.env
  const own = { PATH, SIGNALBOX_WORKERS: String(workers) }
  const child = spawn(process.execPath, [bin, ...args], { env: { ...own, ...env } })
  const written = { stdout: '', stderr: '', unread: '' }
  const waiting = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (text: Buffer) => {
      written[name] += text.toString()
      written.unread += text.toString()
      for (const look of waiting) look()
    })
  }
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout: written.stdout, stderr: written.stderr }))
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await finished
  })
  return {
    finished,
    forget: () => void (written.unread = ''),
    kill: (signal) => void child.kill(signal),
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(written.unread)
          if (!match) return
          waiting.delete(look)
          resolve(match)
        }
        waiting.add(look)
        look()
        void finished.then(() =>
          reject(new Error(`ended without saying ${pattern}:\n${written.stdout}${written.stderr}`)),
        )
      }),
  }
}
