/** Generations in Prometheus' words: those on which something can run, since numbers grow for ever and series must not. */
import { Gauge, type Registry } from 'prom-client'
import type { GenerationInfo } from '../runtime/generation.ts'
import type { Runtime } from '../runtime/runtime.ts'

export function addGenerationMetrics(registry: Registry, runtime: Runtime): void {
  const registers = [registry]
  const current = (): GenerationInfo[] => runtime.list().filter(({ state }) => state !== 'disposed')
  new Gauge({
    name: 'signalbox_live_generation',
    help: 'Number of the live generation',
    aggregator: 'max',
    labelNames: ['kind'],
    registers,
    collect() {
      this.set({ kind: 'routes' }, runtime.live.number)
    },
  })
  new Gauge({
    name: 'signalbox_generation',
    help: 'Generations that are live or drain: 1 each',
    aggregator: 'max',
    labelNames: ['generation', 'hash', 'state'],
    registers,
    collect() {
      this.reset()
      for (const { number, hash, state } of current()) this.set({ generation: number, hash, state }, 1)
    },
  })
  for (const what of ['transactions', 'dialogs'] as const) {
    new Gauge({
      name: `signalbox_generation_${what}`,
      help: what === 'dialogs' ? 'Dialogs pinned to a generation' : 'Transactions that run on a generation',
      labelNames: ['generation'],
      registers,
      collect() {
        this.reset()
        for (const info of current()) this.set({ generation: info.number }, info[what])
      },
    })
  }
}
