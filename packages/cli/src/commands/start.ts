/** `signalbox start`: one process that serves until it is told to stop, and then lets calls finish. */
import { Command } from 'commander'
import { onHangup, stopRequested } from '../signals.ts'

export function command(): Command {
  return new Command('start')
    .description('run the proxy')
    .argument('[dir]', 'the project', '.')
    .addHelpText(
      'after',
      '\nSIGTERM and Ctrl-C let calls finish first, SIGHUP reloads the routes.\n\nExample:\n  $ signalbox start my-trunk',
    )
    .action(start)
}

async function start(dir: string): Promise<void> {
  const stop = stopRequested()
  const setReload = onHangup()
  const { startProject } = await import('../start-project.ts')
  const { server } = await startProject({ dir })
  // The server logs what became of it.
  setReload(() => void server.reload().catch(() => undefined))
  server.log.info(`listening on ${server.listening.join(', ')}; admin on ${server.admin}`)
  await stop
  server.log.info('stopping: calls in progress may finish')
  await server.drain()
  await server.close()
}
