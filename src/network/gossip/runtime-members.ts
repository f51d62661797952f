/**
 * Members of gossipsub that exist at run time and that its exported types lack. No other file uses any of them. Each function says
 * what to do where a release of gossipsub no longer has them.
 */

import { InvalidParametersError } from '@libp2p/interface'
import type { PubSub, Verdict } from './pubsub.ts'
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

/** Heartbeats for which gossipsub keeps a message where its options do not say */
const DEFAULT_MCACHE_LENGTH = 5

interface RuntimeMembers {
  opts?: {
    asyncValidation?: boolean
    awaitRpcHandler?: boolean
    awaitRpcMessageHandler?: boolean
    mcacheLength?: number
  }

  reportMessageValidationResult? (messageId: string, source: string, verdict: Verdict): void
}

/** Gives gossipsub the verdict on a message that it has delivered already */
export type ReportVerdict = (messageId: string, source: string, verdict: Verdict) => void

/**
 * Checks that the option `asyncValidation` of the service and of its gossipsub agree. Where gossipsub does not show its options,
 * it is taken to agree.
 *
 * @throws {InvalidParametersError} if they do not
 * @throws {TypeError} if this release of gossipsub takes no verdicts
 */
export function checkAsyncValidation (pubsub: PubSub, asyncValidation: boolean): void {
  const { opts } = pubsub as RuntimeMembers

  if (asyncValidation) {
    verdictsOf(pubsub)
  }

  if (opts == null) {
    return
  }

  if (asyncValidation && opts.asyncValidation !== true) {
    throw new InvalidParametersError('voting() has asyncValidation: true, and its gossipsub does not. Pass asyncValidation: true to gossipsub(), or leave it out of voting()')
  }

  if (!asyncValidation && opts.asyncValidation === true) {
    throw new InvalidParametersError('gossipsub() has asyncValidation: true, and the voting service does not, so that no vote would be forwarded. Pass asyncValidation: true to voting(), or leave it out of gossipsub()')
  }

  if (asyncValidation && (opts.awaitRpcHandler !== true || opts.awaitRpcMessageHandler !== true)) {
    throw new InvalidParametersError('gossipsub() has asyncValidation: true without back-pressure. Pass awaitRpcHandler: true and awaitRpcMessageHandler: true to gossipsub()')
  }
}

/**
 * Returns the function by which gossipsub takes the verdicts of `asyncValidation`
 *
 * @throws {TypeError} if this release of gossipsub takes none
 */
export function verdictsOf (pubsub: PubSub): ReportVerdict {
  const members = pubsub as RuntimeMembers

  if (typeof members.reportMessageValidationResult !== 'function') {
    throw new TypeError('This release of @libp2p/gossipsub has no reportMessageValidationResult. Leave asyncValidation out of gossipsub() and voting(), or install the release that package.json names')
  }

  return (messageId, source, verdict) => { members.reportMessageValidationResult?.(messageId, source, verdict) }
}

/** Returns for how many heartbeats gossipsub keeps a message: a verdict that comes later is lost */
export function mcacheLengthOf (pubsub: PubSub): number {
  return (pubsub as RuntimeMembers).opts?.mcacheLength ?? DEFAULT_MCACHE_LENGTH
}
