/**
 * Gossipsub's own figures, for Prometheus.
 *
 * Gossipsub counts some ten things per message. Each is a number in a map here, which costs next to nothing; Prometheus's form is
 * made of them when they are read.
 */

import { Counter, Gauge, Histogram } from 'prom-client'
import { scopeNameOf } from '../../network/gossip/topic.ts'
import type { AvgMinMax, AvgMinMaxConfig, Gauge as GossipGauge, GaugeConfig, Histogram as GossipHistogram, HistogramConfig, MetricsRegister, TopicStrToLabel } from '@chainsafe/libp2p-gossipsub/metrics'
import type { Registry } from 'prom-client'

type Labels = Record<string, string | number>
type Config = GaugeConfig<any>

/** Label of topics that are no scope of the node: peers choose their names, and may choose any number */
const OTHER_TOPICS = 'other'

/** By these gossipsub labels topics: with the label that we give them, and with the topic itself */
const TOPIC_LABELS = ['topic', 'topicStr']

/** How figures are called that only grow; gossipsub calls them gauges */
const COUNTER = /_total$/

/** The library says the same of all figures about frames */
const FRAME_FIGURE = /^gossipsub_rpc_(recv|sent)_([a-z]+?)(?:_count)?_total$/

/** For a gossipsub: `metricsRegister` and `metricsTopicStrToLabel` */
export class GossipMetrics implements MetricsRegister {
  /** Topic → scope, of those the node is in; nothing else becomes a label */
  readonly topicLabels: TopicStrToLabel = new TopicLabels()
  private readonly registry: Registry
  private readonly collectors: Array<() => void> = []
  /** To forget the figures of a label */
  private readonly forgetters: Array<(label: string) => void> = []

  constructor (registry: Registry) {
    this.registry = registry
  }

  /** Figures of the topic are under the name of its scope from now on */
  watch (topic: string): void {
    this.topicLabels.set(topic, scopeNameOf(topic))
  }

  /** Scopes come and go: figures of those that were left are not kept */
  forget (topic: string): void {
    if (this.topicLabels.delete(topic)) {
      this.forgetters.forEach(forget => { forget(scopeNameOf(topic)) })
    }
  }

  /** Is to be called before the registry is read: asks gossipsub for what it does not count by itself */
  collect (): void {
    this.collectors.forEach(collect => { collect() })
  }

  gauge <L extends Labels> (config: GaugeConfig<L>): GossipGauge<L> {
    const { name, labelNames: [labelName] = [] } = config as Config
    const isTopic = TOPIC_LABELS.includes(labelName)
    const values = new Map<string, number>(labelName == null ? [['', 0]] : [])
    const keyOf = labelName === 'topicStr'
      ? (labels: Labels) => this.topicLabels.get(`${labels[labelName]}`) ?? OTHER_TOPICS
      : (labels: Labels) => `${labels[labelName]}`
    const options = { name, help: helpOf(config), labelNames: labelName == null ? [] : [labelOf(labelName)], registers: [this.registry] }
    const collect = (metric: Gauge | Counter): void => {
      metric.reset()

      for (const [value, count] of values) {
        metric.inc(labelName == null ? {} : { [labelOf(labelName)]: value }, count)
      }
    }

    if (COUNTER.test(name)) {
      // eslint-disable-next-line no-new -- it registers itself
      new Counter({ ...options, collect () { collect(this) } })
    } else {
      // eslint-disable-next-line no-new -- it registers itself
      new Gauge({ ...options, collect () { collect(this) } })
    }

    if (isTopic) {
      this.forgetters.push(label => { values.delete(label) })
    }

    const gauge = {
      inc: labelName == null
        ? (value = 1) => { add(values, '', value) }
        : (labels: Labels, value = 1) => { add(values, keyOf(labels), value) },
      set: labelName == null
        ? (value: number) => { values.set('', value) }
        : (labels: Labels, value: number) => {
            // of topics that are not ours there are several, so that none of their numbers says anything
            if (!isTopic || keyOf(labels) !== OTHER_TOPICS) {
              values.set(keyOf(labels), value)
            }
          },
      addCollect: (collect: (gauge: any) => void) => { this.collectors.push(() => { collect(gauge) }) }
    }

    return gauge as unknown as GossipGauge<L>
  }

  histogram <L extends Labels> (config: HistogramConfig<L>): GossipHistogram<L> {
    const { name, buckets, labelNames = [] }: { name: string, buckets?: number[], labelNames?: string[] } = config
    // some are multiples of a threshold that may be 0; Prometheus takes none twice
    const histogram = new Histogram({ name, help: helpOf(config), labelNames: [...labelNames], registers: [this.registry], ...buckets == null ? {} : { buckets: [...new Set(buckets)] } })

    if (labelNames.includes('topic')) {
      this.forgetters.push(topic => { histogram.remove({ topic }) })
    }

    return histogram as unknown as GossipHistogram<L>
  }

  /** Three figures: what there is one of for each peer would be without bound otherwise */
  avgMinMax <L extends Labels> (config: AvgMinMaxConfig<L>): AvgMinMax<L> {
    const { name, labelNames = [] } = config as Config
    const figures = [
      ['avg', 'average', (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length],
      ['min', 'smallest', (values: number[]) => Math.min(...values)],
      ['max', 'largest', (values: number[]) => Math.max(...values)]
    ] as const
    const gauges = figures.map(([suffix, word, of]) => {
      return { of, gauge: new Gauge({ name: `${name}_${suffix}`, help: `${helpOf(config)}: ${word}`, labelNames: [...labelNames], registers: [this.registry] }) }
    })

    // they are all set anew: peers and topics that are gone have none
    this.collectors.unshift(() => { gauges.forEach(({ gauge }) => { gauge.reset() }) })

    return {
      set: (labels: Labels | number[], given?: number[]) => {
        const values = given ?? labels as number[]

        if (values.length > 0) {
          gauges.forEach(({ of, gauge }) => { gauge.set(given == null ? {} : labels as Labels, of(values)) })
        }
      }
    } as unknown as AvgMinMax<L>
  }
}

class TopicLabels extends Map<string, string> {
  override get (topic: string): string {
    return super.get(topic) ?? OTHER_TOPICS
  }
}

function labelOf (name: string): string {
  return TOPIC_LABELS.includes(name) ? 'topic' : name
}

function helpOf ({ name, help }: { name: string, help: string }): string {
  const [, direction, what] = FRAME_FIGURE.exec(name) ?? []

  return direction == null ? help : `Frames of gossipsub that were ${direction === 'recv' ? 'received' : 'sent'}: ${FRAME_PARTS[what] ?? what}`
}

const FRAME_PARTS: Record<string, string> = {
  bytes: 'their bytes',
  count: 'how many',
  subscription: 'subscriptions in them',
  message: 'messages in them',
  control: 'how many had control messages',
  ihave: 'IHAVE in them',
  iwant: 'IWANT in them',
  graft: 'GRAFT in them',
  prune: 'PRUNE in them',
  idontwant: 'IDONTWANT in them',
  err: 'how many could not be read'
}

function add (values: Map<string, number>, key: string, value: number): void {
  values.set(key, (values.get(key) ?? 0) + value)
}
