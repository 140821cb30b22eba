/** The process of one worker: does what the primary asks, and ends with it. Signals are the primary's: a terminal sends them to all of us. */
import '../v8-flags.ts'
import { Link } from './link.ts'
import type { Orders, Questions, Reports, Wishes } from './protocol.ts'

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit(0))

// The flags come first, so what serves calls is imported after them. What the primary asks meanwhile waits for somebody to listen.
const { Worker } = await import('./worker.ts')

const worker: InstanceType<typeof Worker> = new Worker({
  share: (what) => link.ask('share', what),
  want: (topic) => link.tell('wanted', topic),
})
const link = new Link<Wishes, Reports, Questions, Orders>(process, worker.handlers)
