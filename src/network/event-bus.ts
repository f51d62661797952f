import { BroadcastEventBus } from '../consensus/events.ts'
import type { ConsensusEvent } from '../consensus/events.ts'

/**
 * The core's event bus, with one listener that is called at once for every event and so misses none
 */
export class ServiceEventBus extends BroadcastEventBus {
  private readonly listener: (scope: string, event: ConsensusEvent) => void

  constructor (listener: (scope: string, event: ConsensusEvent) => void) {
    super()
    this.listener = listener
  }

  publish (scope: string, event: ConsensusEvent): void {
    this.listener(scope, event)
    super.publish(scope, event)
  }
}
