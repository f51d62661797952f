/**
 * What the node measures: libp2p's figures, gossipsub's, the process's and ours, for Prometheus.
 */

import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { Gauge, Registry, register } from 'prom-client'
import { GossipMetrics } from '../libp2p/gossip-metrics.ts'
import type { Counter, CounterGroup, Metrics } from '@libp2p/interface'
import type { Metric } from 'prom-client'

/** By which figures come to be */
const METHODS = ['registerMetric', 'registerMetricGroup', 'registerCounter', 'registerCounterGroup', 'registerHistogram', 'registerHistogramGroup', 'registerSummary', 'registerSummaryGroup'] as const

/** Milliseconds from one look at how late the event loop is to the next: each wakes a node that has nothing to do */
const EVENT_LOOP_INTERVAL = 100

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
  const counts: Array<() => void> = []
  const create = prometheusMetrics({ registry, statfsLocation: folder, defaultMetrics: { eventLoopMonitoringPrecision: EVENT_LOOP_INTERVAL } })

  return {
    gossip,
    contentType: registry.contentType,
    factory: (components): Metrics => countingFirst(counts, withHelp(registry, keepingGlobals(() => create(components)))),
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
      counts.forEach(collect => { collect() })

      return registry.metrics()
    }
  }
}

/**
 * What happens for each message is counted in numbers, which costs next to nothing. Prometheus's counters get them before they
 * are read.
 *
 * @param counts - gets what hands the numbers over
 */
function countingFirst (counts: Array<() => void>, metrics: Metrics): Metrics {
  const registerCounter: (name: string, options?: object) => Counter | undefined = metrics.registerCounter.bind(metrics)
  const registerCounterGroup: (name: string, options?: object) => CounterGroup | undefined = metrics.registerCounterGroup.bind(metrics)

  metrics.registerCounter = (name: string, options?: object): any => {
    const counter = registerCounter(name, options)
    let count = 0

    // one that is calculated is not counted
    if (counter == null) {
      return
    }

    counts.push(() => {
      counter.increment(count)
      count = 0
    })

    return {
      increment: (value = 1) => { count += value },
      reset: () => {
        count = 0
        counter.reset()
      }
    }
  }

  metrics.registerCounterGroup = (name: string, options?: object): any => {
    const group = registerCounterGroup(name, options)
    let count: Record<string, number> = {}

    if (group == null) {
      return
    }

    counts.push(() => {
      group.increment(count)
      count = {}
    })

    return {
      increment: (values: Record<string, number | true>) => {
        for (const [key, value] of Object.entries(values)) {
          count[key] = (count[key] ?? 0) + Number(value)
        }
      },
      reset: () => {
        count = {}
        group.reset()
      }
    }
  }

  return metrics
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
