/**
 * What the node measures: libp2p's figures, gossipsub's, the process's and ours, for Prometheus.
 */

import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { Gauge, Registry, register } from 'prom-client'
import { GossipMetrics } from './gossip-metrics.ts'
import type { Metrics } from '@libp2p/interface'
import type { Metric } from 'prom-client'

/** By which figures come to be */
const METHODS = ['registerMetric', 'registerMetricGroup', 'registerCounter', 'registerCounterGroup', 'registerHistogram', 'registerHistogramGroup', 'registerSummary', 'registerSummaryGroup'] as const

/** Each node has a registry of its own */
export interface NodeMetrics {
  /** For gossipsub */
  readonly gossip: GossipMetrics
  /** Media type of what is read */
  readonly contentType: string
  /** For createLibp2p */
  readonly factory: ReturnType<typeof prometheusMetrics>

  /** Adds a figure of the node's own, which is asked for when the metrics are read */
  addGauge (name: string, help: string, value: () => number): void

  /** All figures as they are now, in the text format of Prometheus */
  read (): Promise<string>
}

/**
 * @param folder - its file system is the one that is looked at
 */
export function nodeMetrics (folder: string): NodeMetrics {
  const registry = new Registry()
  const gossip = new GossipMetrics(registry)
  const create = prometheusMetrics({ registry, statfsLocation: folder })

  return {
    gossip,
    contentType: registry.contentType,
    factory: (components): Metrics => withHelp(registry, keepingGlobals(() => create(components))),
    addGauge: (name, help, value) => {
      registry.registerMetric(new Gauge({
        name,
        help,
        registers: [],
        collect () {
          this.set(value())
        }
      }))
    },
    read: async () => {
      gossip.collect()

      return registry.metrics()
    }
  }
}

/** Help texts come out of the library with underscores in place of spaces; the registry takes them as they are */
function withHelp (registry: Registry, metrics: Metrics): Metrics {
  for (const method of METHODS) {
    const register: (name: string, options?: { help?: string }) => any = metrics[method].bind(metrics)

    metrics[method] = (name: string, options: { help?: string } = {}) => {
      const registered = register(name, options)
      const metric = registry.getSingleMetric(name) as { help: string } | undefined

      if (metric != null && options.help != null) {
        metric.help = options.help
      }

      return registered
    }
  }

  return metrics
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
