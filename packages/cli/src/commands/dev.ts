/** `signalbox dev`: the proxy, and the loop that puts each save of the routes into it. */
import { Command } from 'commander'
import { onHangup, stopRequested, unlessStopped } from '../signals.ts'

export function command(): Command {
  return new Command('dev')
    .description('run the proxy and reload the routes on every save')
    .argument('[dir]', 'the project', '.')
    .addHelpText('after', '\nExample:\n  $ signalbox dev my-trunk')
    .action(dev)
}

async function dev(dir: string): Promise<void> {
  const stop = stopRequested()
  const setReload = onHangup()
  const { startProject } = await import('../start-project.ts')
  const { serveSaves } = await import('../dev/serve-saves.ts')
  const project = await unlessStopped(stop, startProject({ dir, quick: true }))
  if (project === undefined) return
  const saves = await serveSaves(project)
  setReload(saves.reload)
  await stop
  await saves.close()
  await project.server.drain()
  await project.server.close()
}
