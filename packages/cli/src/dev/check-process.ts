/** One type check in a process of its own, which can be thrown away when the sources have moved on. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { SignalboxError } from '@signalbox/core/build'
import type { CheckRequest, Finding } from '../check/findings.ts'

export interface RunningCheck {
  /** Stays open when the check was cancelled. */
  readonly findings: Promise<readonly Finding[]>
  cancel: () => void
}

const worker = fileURLToPath(new URL('../check/worker.js', import.meta.url))

export function startCheck({ root, routes }: CheckRequest): RunningCheck {
  const child = fork(worker, [root, routes], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const findings = new Promise<readonly Finding[]>((resolve, reject) => {
    const complaints: string[] = []
    child.stderr?.on('data', (text: Buffer) => complaints.push(text.toString()))
    child.on('message', (message) => resolve(message as Finding[]))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code)
        reject(new SignalboxError('TYPES', `the type check ended with exit code ${code}\n${complaints.join('')}`))
    })
  })
  return { findings, cancel: () => void child.kill() }
}
