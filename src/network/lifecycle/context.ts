/**
 * What the parts of a joined scope have of the service, whichever scope it is.
 */

import type { ConsensusService } from '../../consensus/service.ts'
import type { ConsensusStorage, PolicyStorage } from '../../consensus/storage/interface.ts'
import type { VotingMetrics } from '../metrics.ts'
import type { Sync } from '../sync/index.ts'
import type { VotingEvent } from '../views/proposal-state.ts'
import type { Logger } from '@libp2p/interface'

export interface ScopeContext {
  consensus: ConsensusService
  storage: ConsensusStorage & PolicyStorage
  sync: Sync
  metrics: VotingMetrics
  /** The voter, if this node has a key */
  identity?: Uint8Array
  /** Unix seconds */
  clock (): bigint
  /** Milliseconds after which deadlines are compared with the clock again */
  clockCheckInterval?: number
  /** Milliseconds that syncs may take before a proposal ends */
  syncWait: number
  log: Logger
  /** Keeps in mind what is under way */
  track (task: Promise<unknown>): void
  /** Dispatches an event of the service */
  dispatch (...event: VotingEvent): void
}
