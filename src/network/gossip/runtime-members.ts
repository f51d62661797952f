/**
 * Members of gossipsub that exist at run time and that its exported types lack. No other file uses any of them. Each function says
 * what to do where a release of gossipsub no longer has them.
 */

import type { PubSub } from './pubsub.ts'
import type { VotingTopicScoreParams } from './score.ts'

interface ScoreParams {
  topics: Record<string, VotingTopicScoreParams>
  IPColocationFactorWeight: number
}

interface Scores {
  params: ScoreParams
  peerStats: Map<string, unknown>
  peerIPs: Map<string, Set<string>>
  computeScore (peer: string, stats: unknown, params: ScoreParams, peerIPs: Map<string, Set<string>>): number
}

/** The scores that gossipsub keeps of its peers. Its options take parameters only of topics that are known beforehand. */
export class PeerScores {
  private readonly scores: Scores

  /**
   * @throws {TypeError} if this release of gossipsub keeps them elsewhere
   */
  constructor (pubsub: PubSub) {
    const { score } = pubsub as PubSub & { score?: Partial<Scores> }

    if (score?.params?.topics == null || score.peerStats == null || score.peerIPs == null || typeof score.computeScore !== 'function') {
      throw new TypeError('This release of @libp2p/gossipsub keeps its scores elsewhere. Install the one that package.json names, and adapt runtime-members.ts to this one')
    }

    this.scores = score as Scores
  }

  /** Scores what peers do on a topic. Call before subscribing: what a peer has done before is not counted. */
  add (topic: string, params: VotingTopicScoreParams): void {
    this.scores.params.topics[topic] = params
  }

  /** Forgets a topic, and what peers did there */
  delete (topic: string): void {
    const { [topic]: _, ...others } = this.scores.params.topics

    this.scores.params.topics = others
  }

  /**
   * Returns a peer's score without what it loses for sharing an address with others: behind one NAT there may be many honest ones.
   * Gossipsub listens to fewer of them then, which is enough against one that pretends to be many, and what the others say comes
   * by sync.
   */
  of (peer: string): number {
    const { params, peerStats, peerIPs } = this.scores
    const stats = peerStats.get(peer)

    return stats == null ? 0 : this.scores.computeScore(peer, stats, { ...params, IPColocationFactorWeight: 0 }, peerIPs)
  }
}
