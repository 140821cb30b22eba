/** Routes that a test writes down, and the generations that they become. */
import type { Simulation } from '@signalbox/core/testing'
import { tempBundle } from '../../packages/core/src/testing/temp-bundle.ts'

/** Lines of a route file, with everything of the dsl in scope that registers. */
export async function bundleOf(lines: string) {
  const names = 'onBranch, onBranchFailure, onDispose, onFailure, onInDialog, onLoad, onLocal, onReply, onRequest'
  const { bundle } = await tempBundle(`import { ${names} } from '@signalbox/dsl'\n${lines}`)
  return bundle
}

/** `2 live`, newest first; what else it says when asked. */
export function generations(net: Simulation, ...more: ('transactions' | 'dialogs' | 'ended')[]): string[] {
  return net.stack.runtime
    .list()
    .map((info) =>
      [info.number, info.state, ...more.map((key) => info[key])].filter((each) => each !== undefined).join(' '),
    )
}
