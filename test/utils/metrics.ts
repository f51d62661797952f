/**
 * Metrics of a libp2p node that can be read in a test.
 */

import type { Metrics } from '@libp2p/interface'

export class RecordedMetrics {
  /** Name → value, of counters and histograms (how many were observed); `name{label}` where there are several */
  readonly values = new Map<string, number>()
  /** Name → what is asked when it is read */
  readonly gauges = new Map<string, () => number>()
  /** All that were registered */
  readonly names = new Set<string>()

  /** For `createLibp2p({ metrics })` */
  readonly factory = (): Metrics => {
    const counter = (name: string): any => {
      this.names.add(name)

      return { increment: (value = 1) => { this.add(name, value) }, reset: () => {} }
    }
    const group = (name: string): any => {
      this.names.add(name)

      return {
        increment: (values: Record<string, number>) => {
          for (const [label, value] of Object.entries(values)) {
            this.add(`${name}{${label}}`, value)
          }
        },
        update: () => {},
        decrement: () => {},
        observe: () => {},
        reset: () => {}
      }
    }

    return {
      trackMultiaddrConnection: () => {},
      trackProtocolStream: () => {},
      registerMetric: (name: string, { calculate }: { calculate?(): number } = {}) => {
        this.names.add(name)

        if (calculate != null) {
          this.gauges.set(name, calculate)
        }

        return { update: () => {}, increment: () => {}, decrement: () => {}, reset: () => {}, timer: () => () => {} }
      },
      registerMetricGroup: group,
      registerCounter: counter,
      registerCounterGroup: group,
      registerHistogram: (name: string) => {
        this.names.add(name)

        return { observe: () => { this.add(name, 1) }, reset: () => {}, timer: () => () => {} }
      },
      registerHistogramGroup: group,
      registerSummary: counter,
      registerSummaryGroup: group,
      traceFunction: (_: string, fn: any) => fn,
      createTrace: () => {}
    } as unknown as Metrics
  }

  get (name: string): number {
    return this.gauges.get(name)?.() ?? this.values.get(name) ?? 0
  }

  private add (name: string, value: number): void {
    this.values.set(name, (this.values.get(name) ?? 0) + value)
  }
}
