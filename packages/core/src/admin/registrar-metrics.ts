/** The registrar in Prometheus' words. */
import { Gauge, type Registry } from 'prom-client'
import type { Registrar } from '../registrar/registrar.ts'

export function addRegistrarMetrics(registry: Registry, registrar: Registrar): void {
  const registers = [registry]
  new Gauge({
    name: 'signalbox_location_contacts',
    help: 'Contacts that are registered here',
    // Every worker has all of them.
    aggregator: 'max',
    registers,
    collect() {
      this.set(registrar.location.size)
    },
  })
  new Gauge({
    name: 'signalbox_location_aors',
    help: 'Addresses-of-record that have a contact',
    aggregator: 'max',
    registers,
    collect() {
      this.set(registrar.location.aors)
    },
  })
  new Gauge({
    name: 'signalbox_location_unwritten',
    help: 'Changes of contacts that the database does not have yet',
    registers,
    collect() {
      this.set(registrar.unwritten)
    },
  })
}
