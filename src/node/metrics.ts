/**
 * What the node measures: libp2p's figures, the process's and ours, for Prometheus.
 */

import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { Gauge, Registry, register } from 'prom-client'
import type { Metrics } from '@libp2p/interface'
import type { Metric } from 'prom-client'

/** Each node has a registry of its own */
export interface NodeMetrics {
  readonly registry: Registry
  /** For createLibp2p */
  readonly factory: ReturnType<typeof prometheusMetrics>

  /** Adds a figure of the node's own, which is asked for when the metrics are read */
  addGauge (name: string, help: string, value: () => number): void
}

/**
 * @param folder - its file system is the one that is looked at
 */
export function nodeMetrics (folder: string): NodeMetrics {
  const registry = new Registry()
  const create = prometheusMetrics({ registry, statfsLocation: folder })

  return {
    registry,
    factory: (components): Metrics => keepingGlobals(() => create(components)),
    addGauge: (name, help, value) => {
      registry.registerMetric(new Gauge({
        name,
        help,
        registers: [],
        collect () {
          this.set(value())
        }
      }))
    }
  }
}

/** Making metrics clears the registry that all of a process share, though we have our own: whoever uses it keeps what it had */
function keepingGlobals <T> (make: () => T): T {
  const before = register.getMetricsAsArray() as unknown as Metric[]

  try {
    return make()
  } finally {
    before.forEach(metric => { register.registerMetric(metric) })
  }
}
