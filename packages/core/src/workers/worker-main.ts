/** The process of one worker: does what the primary asks, and ends with it. Signals are the primary's: a terminal sends them to all of us. */
import { Link } from './link.ts'
import type { Orders, Questions, Reports, Wishes } from './protocol.ts'
import { Worker } from './worker.ts'

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit(0))

const worker: Worker = new Worker({
  share: (what) => link.ask('share', what),
  want: (topic) => link.tell('wanted', topic),
})
const link = new Link<Wishes, Reports, Questions, Orders>(process, worker.handlers)
