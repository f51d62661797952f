/**
 * What the service tells libp2p's metrics, if the host has any.
 */

import type { Verdict } from './gossip/pubsub.ts'
import type { Traffic } from './sync/frames.ts'
import type { SyncOutcome, Taught } from './sync/types.ts'
import type { ConsensusEvent } from '../consensus/events.ts'
import type { Counter, CounterGroup, Histogram, Metrics } from '@libp2p/interface'

/** What is asked for when the metrics are read */
export interface Gauges {
  /** Proposals that take votes */
  active (): number
  /** Votes that wait for their proposal */
  parked (): number
  /** Messages of ours that wait for a peer */
  outbox (): number
  /** Proposals on which both sides have the votes of a quorum, or whose id another has as well */
  alarms (): number
}

/** Seconds, from a show of hands to a month */
const DECISION_BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 86_400, 604_800, 2_592_000]

export class VotingMetrics {
  private readonly messages?: CounterGroup
  private readonly validatedVotes?: CounterGroup
  private readonly proposals?: Counter
  private readonly votes?: Counter
  private readonly decisions?: CounterGroup
  private readonly contradictions?: Counter
  private readonly decisionTime?: Histogram
  private readonly evidence?: Counter
  private readonly autoVotes?: CounterGroup
  private readonly syncs?: CounterGroup
  private readonly syncBytes?: CounterGroup
  private readonly syncItems?: CounterGroup

  constructor (metrics: Metrics | undefined, gauges: Gauges) {
    if (metrics == null) {
      return
    }

    metrics.registerMetric('libp2p_voting_active_proposals', { help: 'Proposals that take votes now', calculate: () => gauges.active() })
    metrics.registerMetric('libp2p_voting_parked_votes', { help: 'Votes that wait for their proposal now', calculate: () => gauges.parked() })
    metrics.registerMetric('libp2p_voting_outbox_messages', { help: 'Our own messages that wait for a peer to send them to now', calculate: () => gauges.outbox() })
    metrics.registerMetric('libp2p_voting_alarms', { help: 'Proposals on which both sides have the votes of a quorum, or whose id another proposal has as well, those from before the start included', calculate: () => gauges.alarms() })
    this.messages = metrics.registerCounterGroup('libp2p_voting_messages_total', { label: 'verdict', help: 'Gossip messages that came in, by what became of them: accept, ignore, reject' })
    this.validatedVotes = metrics.registerCounterGroup('libp2p_voting_gossip_votes_total', { label: 'verdict', help: 'Votes among them, by what became of them: accept, ignore, reject' })
    this.proposals = metrics.registerCounter('libp2p_voting_proposals_total', { help: 'Proposals that became known, ours and others\'' })
    this.votes = metrics.registerCounter('libp2p_voting_votes_total', { help: 'Votes that were stored, ours and others\'' })
    this.decisions = metrics.registerCounterGroup('libp2p_voting_decisions_total', { label: 'result', help: 'Proposals that ended, by how: yes, no, failed, conflict' })
    this.contradictions = metrics.registerCounter('libp2p_voting_contradictions_total', { help: 'Results that were contradicted by the votes of a quorum for the other side' })
    this.decisionTime = metrics.registerHistogram('libp2p_voting_decision_seconds', { help: 'Time from the making of a proposal to its decision here, in seconds', buckets: DECISION_BUCKETS })
    this.evidence = metrics.registerCounter('libp2p_voting_double_voters_total', { help: 'Voters that were caught with two opposite votes on a proposal, once for each proposal' })
    this.autoVotes = metrics.registerCounterGroup('libp2p_voting_auto_votes_total', { label: 'outcome', help: 'Automatic votes that were due, by what became of them: cast, missed' })
    this.syncs = metrics.registerCounterGroup('libp2p_voting_syncs_total', { label: 'outcome', help: 'Syncs with a peer, by how they ended: complete, elsewhere, busy and failed if we began them, served and broken off if the peer did' })
    this.syncBytes = metrics.registerCounterGroup('libp2p_voting_sync_bytes_total', { label: 'direction', help: 'Bytes of the sync protocol: sent, received' })
    this.syncItems = metrics.registerCounterGroup('libp2p_voting_sync_items_total', { label: 'kind', help: 'What syncs have brought that was new: proposals, votes' })
  }

  onMessage (verdict: Verdict): void {
    this.messages?.increment({ [verdict]: 1 })
  }

  onValidated (type: string, verdict: Verdict): void {
    if (type === 'vote') {
      this.validatedVotes?.increment({ [verdict]: 1 })
    }
  }

  onProposal (): void {
    this.proposals?.increment()
  }

  onVote (): void {
    this.votes?.increment()
  }

  onEvidence (): void {
    this.evidence?.increment()
  }

  onAutoVote (outcome: 'cast' | 'missed'): void {
    this.autoVotes?.increment({ [outcome]: 1 })
  }

  /** A proposal that has ended before is not given */
  onEvent (event: ConsensusEvent, proposal?: { timestamp: bigint }): void {
    switch (event.type) {
      case 'ConsensusReached':
        this.decisions?.increment({ [event.result ? 'yes' : 'no']: 1 })

        if (proposal != null) {
          // clocks of members differ
          this.decisionTime?.observe(Math.max(0, Number(event.timestamp - proposal.timestamp)))
        }

        break
      case 'ConsensusFailed':
        this.decisions?.increment({ failed: 1 })
        break
      case 'ConsensusConflict':
        this.decisions?.increment({ conflict: 1 })
        break
      case 'ConsensusContradicted':
        this.contradictions?.increment()
        break
      default:
    }
  }

  onSync (outcome: SyncOutcome, { bytesIn, bytesOut }: Traffic, { proposals, votes }: Taught): void {
    this.syncs?.increment({ [outcome]: 1 })
    this.syncBytes?.increment({ sent: bytesOut, received: bytesIn })
    this.syncItems?.increment({ proposals, votes })
  }
}
