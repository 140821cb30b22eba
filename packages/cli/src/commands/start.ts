/** `signalbox start`: one process that serves until it is told to stop, and then lets calls finish. */
import { Command } from 'commander'
import { onHangup, stopRequested, unlessStopped } from '../signals.ts'

export function command(): Command {
  return new Command('start')
    .description('run the proxy')
    .argument('[dir]', 'the project', '.')
    .option('--bundle [folder]', 'run this bundle as it is; without a folder the one that `signalbox build` made last')
    .addHelpText(
      'after',
      '\nA folder with a bundle and nothing else can be started too: it runs on the defaults and the environment.' +
        '\nSIGTERM and Ctrl-C let calls finish first, SIGHUP reads config and routes again.' +
        '\n\nExample:\n  $ signalbox start my-trunk\n  $ signalbox start my-trunk --bundle',
    )
    .action(start)
}

async function start(dir: string, { bundle }: { bundle?: string | true }): Promise<void> {
  const stop = stopRequested()
  const setReload = onHangup()
  const { startProject } = await import('../start-project.ts')
  const project = await unlessStopped(stop, startProject({ dir, bundle }))
  if (project === undefined) return
  const { server } = project
  // The server logs what became of it.
  setReload(() => void server.reload().catch(() => undefined))
  server.log.info(`listening on ${server.listening.join(', ')}; admin on ${server.admin}`)
  await stop
  server.log.info('stopping: calls in progress may finish')
  await server.drain()
  await server.close()
}
