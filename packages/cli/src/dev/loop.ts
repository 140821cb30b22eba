/**
 * The loop of `signalbox dev`. Its parts never call each other: each is told to begin and reports an event, and `dispatch` is
 * the only place that knows what comes next.
 *
 *   saved ──► build ──► built ──► swap ──► swapped ──► check ──► checked, or unchecked: it is live all the same
 *                 └──────────────────┴──► failed: shown, the live generation stays
 *
 * Every save makes a new id, and work for an older id is dropped when it reports. A build and its swap run one at a time; saves
 * meanwhile collapse into one more round. A check is cancelled by the next save.
 */
import type { Live } from '../admin/print-live.ts'
import type { Finding } from '../check/findings.ts'
import type { Routes } from '../routes-source.ts'
import type { RunningCheck } from './check-process.ts'

export interface Parts {
  build: () => Promise<Routes>
  swap: (routes: Routes) => Promise<Live>
  check: () => RunningCheck
  /** Which saves matter from now on: those of what went into a bundle, or, after a failure, any. */
  follow: (inputs: readonly string[] | 'everything') => void
  show: {
    live: (generation: Live) => void
    failed: (error: unknown) => void
    checked: (findings: readonly Finding[]) => void
    unchecked: (error: unknown) => void
  }
}

type DevEvent =
  | { type: 'saved' }
  | { type: 'built'; id: number; routes: Routes }
  | { type: 'swapped'; id: number; generation: Live }
  | { type: 'failed'; id: number; error: unknown }
  | { type: 'checked'; id: number; findings: readonly Finding[] }
  | { type: 'unchecked'; id: number; error: unknown }

export interface DevLoop {
  saved: () => void
  /** Ends a check that is running. */
  stop: () => void
}

export function createLoop({ build, swap, check, follow, show }: Parts): DevLoop {
  let newest = 0
  let busy = false
  let running: RunningCheck | undefined

  const report =
    (id: number, type: 'failed' | 'unchecked' = 'failed') =>
    (error: unknown) =>
      dispatch({ type, id, error })

  function dispatch(event: DevEvent): void {
    if (event.type === 'saved') {
      newest++
      running?.cancel()
      if (!busy) beginBuild(newest)
      return
    }
    // Stale: the next round is already due, or, for a check, has begun.
    const isOfCheck = event.type === 'checked' || event.type === 'unchecked'
    if (event.id !== newest) return isOfCheck ? undefined : beginBuild(newest)
    busy = event.type === 'built'
    if (event.type === 'built') beginSwap(event.id, event.routes)
    if (event.type === 'failed') fail(event.error)
    if (event.type === 'checked') show.checked(event.findings)
    if (event.type === 'unchecked') show.unchecked(event.error)
    if (event.type === 'swapped') {
      show.live(event.generation)
      beginCheck(event.id)
    }
  }

  function beginBuild(id: number): void {
    busy = true
    build().then((routes) => dispatch({ type: 'built', id, routes }), report(id))
  }

  function beginSwap(id: number, routes: Routes): void {
    follow(routes.bundle.inputs)
    swap(routes).then((generation) => dispatch({ type: 'swapped', id, generation }), report(id))
  }

  function beginCheck(id: number): void {
    running = check()
    running.findings.then((findings) => dispatch({ type: 'checked', id, findings }), report(id, 'unchecked'))
  }

  function fail(error: unknown): void {
    follow('everything')
    show.failed(error)
  }

  return { saved: () => dispatch({ type: 'saved' }), stop: () => running?.cancel() }
}
