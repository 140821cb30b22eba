/** The thread in which a config is evaluated while calls are served. It says what that came to, and is ended. */
import { parentPort, workerData } from 'node:worker_threads'
import { evaluateConfig, type ConfigCode, type ConfigReport } from './evaluate-config.ts'

function report(report: ConfigReport): void {
  parentPort!.postMessage(report)
}

function evaluate(): ConfigReport {
  try {
    return { value: evaluateConfig(workerData as ConfigCode) }
  } catch (error) {
    return { error: error instanceof Error ? error : String(error) }
  }
}

const evaluated = evaluate()
try {
  report(evaluated)
} catch (error) {
  report({ error: new Error(`expected plain data as default export: ${(error as Error).message}`) })
}
