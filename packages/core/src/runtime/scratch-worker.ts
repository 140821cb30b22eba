/**
 * The thread in which a bundle is evaluated before it may come near a call. It does once what the main thread will do, says what that came to, and
 * is ended. `scratch.ts` is the other side.
 */
import { parentPort } from 'node:worker_threads'
import type { Bundle } from '../build/bundle.ts'
import { SignalboxError, type ErrorCode, type Problem } from '../errors.ts'
import type { ArmedName } from './armed-names.ts'
import { Generation } from './generation.ts'

export interface Trial {
  readonly bundle: Bundle
  readonly number: number
  readonly root: string
}

/** The first one says that the user's code is about to run: time counts from then on. */
export type Report =
  | { readonly kind: 'begun' }
  | { readonly kind: 'taken'; readonly armed: readonly ArmedName[] }
  | {
      readonly kind: 'refused'
      readonly code: ErrorCode
      readonly message: string
      readonly problems: readonly Problem[]
    }

/** Nothing runs here that could ask for them, and passwords stay where they are. */
const noSettings = {
  uac: { credentials: [], authVars: { username: '', password: '', realm: '' } },
  handlers: { deadline: 0, cpu: 0 },
}

parentPort!.once('message', ({ bundle, number, root }: Trial) => {
  report({ kind: 'begun' })
  try {
    const { armed } = new Generation(number, { bundle, settings: noSettings }, root)
    report({ kind: 'taken', armed })
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error
    const { code, message, problems } = error
    report({ kind: 'refused', code, message, problems })
  }
})

function report(report: Report): void {
  parentPort!.postMessage(report)
}
