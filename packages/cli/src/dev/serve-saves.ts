/** Puts the loop's parts together for a running project: what they do here, and what a person sees of it. */
import { isDeepStrictEqual } from 'node:util'
import type { Finding } from '../check/findings.ts'
import { printRestart, type Live } from '../admin/print-live.ts'
import { complain, complainAbout, complainError, countOf, print, printGood } from '../output.ts'
import type { Routes } from '../routes-source.ts'
import type { RunningProject } from '../start-project.ts'
import { startCheck } from './check-process.ts'
import { createLoop, type Parts } from './loop.ts'
import { watchSources } from './watch.ts'

export interface Saves {
  /** As if everything had just been saved. */
  reload: () => void
  close: () => Promise<void>
}

export async function serveSaves({ config, server, read }: RunningProject): Promise<Saves> {
  let taken = config

  /** What is live already stays: its transactions need not drain. */
  async function swap(routes: Routes): Promise<Live> {
    const live = server.generations().find(({ state }) => state === 'live')
    if (live?.hash === routes.bundle.hash && isDeepStrictEqual(routes.config, taken)) return live
    const generation = await server.reload(routes)
    taken = routes.config
    return generation
  }

  const watcher = await watchSources({ routes: config.routes, config: config.file, onSave: () => loop.saved() })
  const loop = createLoop({
    build: read,
    swap,
    check: () => startCheck({ root: taken.dir, routes: taken.routes }),
    follow: watcher.follow,
    show,
  })
  print(`listening on ${server.listening.join(', ')}; admin on ${server.admin}`)
  // The first round shows the generation that is live, checks its types, and sees what was saved before the watcher stood.
  loop.saved()
  return { reload: loop.saved, close: () => (loop.stop(), watcher.close()) }
}

const show: Parts['show'] = {
  live: ({ number, hash, restart }) => {
    printGood('live:', `generation ${number} (${hash})`)
    printRestart(restart)
  },
  failed: (error) => {
    complainError(error)
    complain('the generation before stays live')
  },
  unchecked: (error) => {
    complainError(error)
    complain('it was not checked; it is live all the same')
  },
  checked: (findings: readonly Finding[]) => {
    complainAbout(findings)
    if (findings.length > 0) complain(`${countOf(findings)}; it is live all the same`)
  },
}
