/** The core's counters in Prometheus' words. They are copied when somebody asks; the path of a call knows only `counters.ts`. */
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import type { Counter as CoreCounter } from '../counters.ts'
import type { Stack } from '../stack.ts'
import { addGenerationMetrics } from './generation-metrics.ts'

/** How often the event loop's lag is looked at, in milliseconds: each time wakes an idle process. */
const LAG_PRECISION = 100

export function makeMetrics(stack: Stack): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_PRECISION })
  const { counters } = stack
  counter(registry, 'requests', 'Requests received', 'method', counters.requests)
  counter(registry, 'responses', 'Responses received', 'class', counters.responses)
  counter(registry, 'dropped_messages', 'Messages that got no answer', 'reason', counters.dropped)
  counter(registry, 'rejected_messages', 'Messages answered 400 before any route saw them', 'reason', counters.rejected)
  counter(registry, 'turned_away', 'Requests answered 503 to keep the others going', 'reason', counters.turnedAway)
  counter(registry, 'proxy_events', 'What the proxy noticed', 'event', counters.proxy)
  counter(
    registry,
    'route_errors',
    'Handlers that threw, or were given up for their deadline or their cpu',
    'kind',
    counters.routes,
  )
  counter(registry, 'reloads', 'Reloads', 'result', counters.reloads)
  gauge(registry, 'transactions', 'Transactions in the table', 'side', () => ({
    client: stack.proxy.layer.clients,
    server: stack.proxy.layer.servers,
  }))
  gauge(registry, 'running_handlers', 'Handlers that have not ended', 'kind', () => ({ routes: stack.runningHandlers }))
  gauge(registry, 'dialogs', 'Dialogs of which answered challenges are remembered', 'kind', () => ({
    answered: stack.proxy.dialogs.size,
  }))
  gauge(registry, 'timers', 'Timers running', 'kind', () => ({
    core: stack.timers.size,
    trunks: stack.trunkTimers.size,
  }))
  addGenerationMetrics(registry, stack.runtime)
  const { trunks } = stack
  if (trunks === undefined) return registry
  gauge(registry, 'trunks', 'Rows of uacreg, by the state of their registration', 'state', () => trunks.counts())
  gauge(registry, 'trunks_waiting', 'Trunks that wait for their turn to send a REGISTER', 'kind', () => ({
    register: trunks.pace.size,
  }))
  counter(registry, 'trunk_transitions', 'How often trunks have come to a state', 'state', trunks.transitions)
  return registry
}

function counter(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  source: Pick<CoreCounter, 'entries'>,
): void {
  new Counter({
    name: `signalbox_${name}_total`,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset()
      for (const [value, count] of source.entries()) this.inc({ [label]: value }, count)
    },
  })
}

function gauge(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  read: () => Record<string, number>,
): void {
  new Gauge({
    name: `signalbox_${name}`,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset()
      for (const [value, count] of Object.entries(read())) this.set({ [label]: value }, count)
    },
  })
}
