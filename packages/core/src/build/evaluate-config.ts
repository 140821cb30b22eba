/** A bundled config becomes what its file exports by default: here, or in a thread of its own, so that one that loops stops no call. */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import path from 'node:path'
import vm from 'node:vm'
import { Worker } from 'node:worker_threads'
import { endThread } from '../timers/end-thread.ts'

/** Plain data, to be handed to a thread. */
export interface ConfigCode {
  readonly code: string
  /** The config file, absolute. */
  readonly file: string
}

/** What a thread says of it. */
export type ConfigReport = { readonly value: unknown } | { readonly error: unknown }

/** A config may read a file or ask a program for a secret; in milliseconds. */
const DEADLINE = 3_000

/** Throws what the config throws. `missed` is given the variables that it asked for and that are not set. */
export function evaluateConfig({ code, file }: ConfigCode, missed?: Set<string>): unknown {
  const module = { exports: {} as { default?: unknown } }
  const { env } = process
  if (missed !== undefined) process.env = watched(env, missed)
  try {
    compile(code, file)(module.exports, createRequire(file), module, file, path.dirname(file))
  } finally {
    if (missed !== undefined) process.env = env
  }
  return module.exports.default
}

function watched(env: NodeJS.ProcessEnv, missed: Set<string>): NodeJS.ProcessEnv {
  // Node looks for variables of its own where a config starts a program.
  const note = (key: string | symbol): void => {
    if (typeof key === 'string' && env[key] === undefined && !key.startsWith('NODE_')) missed.add(key)
  }
  return new Proxy(env, {
    get: (target, key) => (note(key), Reflect.get(target, key) as unknown),
    has: (target, key) => (note(key), Reflect.has(target, key)),
    // On the environment itself: it takes no property that a proxy defines.
    set: (target, key, value) => Reflect.set(target, key, value),
  })
}

/** Rejects with what the config throws, or because it did not end or is no plain data. */
export async function evaluateConfigAside(config: ConfigCode): Promise<unknown> {
  const thread = new Worker(new URL('./config-thread.js', import.meta.url), { workerData: config, execArgv: [] })
  try {
    const report = await reportOf(thread)
    if ('error' in report) throw report.error
    return report.value
  } finally {
    await endThread(thread)
  }
}

async function reportOf(thread: Worker): Promise<ConfigReport> {
  const deadline = new AbortController()
  let timer: NodeJS.Timeout | undefined
  thread.once('online', () => (timer = setTimeout(() => deadline.abort(), DEADLINE)))
  thread.once('exit', () => deadline.abort())
  try {
    const [report] = (await once(thread, 'message', { signal: deadline.signal })) as [ConfigReport]
    return report
  } catch (error) {
    if (!deadline.signal.aborted) throw error
    throw new Error(`did not end within ${DEADLINE} ms, or ended the process`)
  } finally {
    clearTimeout(timer)
  }
}

type Evaluate = (exports: object, require: NodeJS.Require, module: object, filename: string, dirname: string) => void

function compile(code: string, filename: string): Evaluate {
  return vm.compileFunction(code, ['exports', 'require', 'module', '__filename', '__dirname'], { filename }) as Evaluate
}
