/**
 * The watcher's thread. It sees that the main thread has stopped coming round while it burns processor time, looks what it runs, and ends that when it
 * is the user's code. Twice in a row it has to be found there: a collection of garbage or a process that stood still is no loop.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { mark } from '../runtime/turns.ts'
import { Look } from './look.ts'
import type { Report, WatcherOptions } from './protocol.ts'

const { marks, cpu } = workerData as WatcherOptions

/** How often it looks, in milliseconds. */
const interval = Math.max(5, cpu / 4)
/** How often it looks whether the main thread has noticed, in milliseconds. */
const NOTICED = 2
/** Rounds in which the main thread stood at the same place. */
const ROUNDS = 3

/** Where the main thread is: another place each time that it comes round, or enters a handler. */
function placeNow(): number {
  return Atomics.load(marks, mark.entries) + Atomics.load(marks, mark.beats)
}

/** What nobody changes, to wait for. */
const never = new Int32Array(new SharedArrayBuffer(4))

/** Of the whole process, in milliseconds: who waits burns none. */
function cpuNow(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

function report(what: Report): void {
  parentPort!.postMessage(what)
}

async function watch(): Promise<void> {
  let place = -1
  let burntBefore = 0
  let rounds = 0
  let budget = cpu
  for (;;) {
    // Without an event loop's work each time, for as long as all is well.
    Atomics.wait(never, 0, 0, interval)
    const now = placeNow()
    if (now !== place) {
      place = now
      rounds = 0
      budget = cpu
    } else if (rounds++ === 0) {
      burntBefore = cpuNow() - interval
    } else if (rounds >= ROUNDS && cpuNow() - burntBefore >= budget && !isDebugged()) {
      const hasEnded = await examine(now)
      burntBefore = cpuNow()
      // Work of the core that takes long is not halted over and over.
      budget = hasEnded ? cpu : Math.min(budget * 2, cpu * 64)
    }
  }
}

function isDebugged(): boolean {
  return Atomics.load(marks, mark.debugged) === 1
}

/** Whether it has ended something. */
async function examine(place: number): Promise<boolean> {
  let look: Look | undefined
  try {
    look = new Look()
    if (!(await look.findUsersCode())) return false
    await look.goOn()
    await wait(interval)
    if (placeNow() !== place || !(await look.findUsersCode())) return false
    if (placeNow() !== place) await look.goOn()
    else if (!look.isSafe) await leave(look)
    else {
      await end(look)
      return true
    }
  } catch (error) {
    report({ kind: 'failed', message: (error as Error).message })
  } finally {
    look?.close()
  }
  return false
}

async function end(look: Look): Promise<void> {
  const { stack } = look
  await look.claim()
  Atomics.store(marks, mark.ended, 1)
  await look.end()
  report({ kind: 'ended', stack })
  // The next thing that it does may loop as well, even before it has noticed: then that is to be looked at.
  const before = cpuNow()
  while (Atomics.load(marks, mark.ended) === 1 && cpuNow() - before < cpu) await wait(NOTICED)
}

async function leave(look: Look): Promise<void> {
  const { stack } = look
  await look.goOn()
  report({ kind: 'left', stack })
}

// A session alone keeps no thread alive.
parentPort!.ref()
void watch()
