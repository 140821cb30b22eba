/** Puts the loop's parts together for a running project: what they do here, and what a person sees of it. */
import type { Server } from '@signalbox/core'
import { buildBundle, type Bundle } from '@signalbox/core/build'
import type { Finding } from '../check/findings.ts'
import { complain, complainAbout, complainError, countOf, print, printGood } from '../output.ts'
import type { RunningProject } from '../start-project.ts'
import { startCheck } from './check-process.ts'
import { createLoop, type Parts } from './loop.ts'
import { watchSources } from './watch.ts'

export interface Saves {
  /** As if everything had just been saved. */
  reload: () => void
  close: () => Promise<void>
}

export async function serveSaves({ config, server }: RunningProject): Promise<Saves> {
  const sources = { root: config.dir, routes: config.routes }
  const watcher = await watchSources({
    routes: config.routes,
    config: config.file,
    onSave: () => loop.saved(),
    onConfig: () => complain('signalbox.config.ts was saved: restart to take it on'),
  })
  const loop = createLoop({
    build: () => buildBundle(sources),
    swap: (bundle) => swap(server, bundle),
    check: () => startCheck(sources),
    follow: watcher.follow,
    show,
  })
  print(`listening on ${server.listening.join(', ')}; admin on ${server.admin}`)
  // The first round shows the generation that is live, checks its types, and sees what was saved before the watcher stood.
  loop.saved()
  return { reload: loop.saved, close: () => (loop.stop(), watcher.close()) }
}

/** A bundle that is live already stays: its transactions need not drain. */
async function swap(server: Server, bundle: Bundle) {
  const live = server.generations().find(({ state }) => state === 'live')
  return live?.hash === bundle.hash ? live : server.reload(bundle)
}

const show: Parts['show'] = {
  live: ({ number, hash }) => printGood('live:', `generation ${number} (${hash})`),
  failed: (error) => {
    complainError(error)
    complain('the generation before stays live')
  },
  checked: (findings: readonly Finding[]) => {
    complainAbout(findings)
    if (findings.length > 0) complain(`${countOf(findings)}; it is live all the same`)
  },
}
