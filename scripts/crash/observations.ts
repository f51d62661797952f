/**
 * Everything that was seen of a run, by anybody, and what in it must not be.
 */

import type { Choice, ProposalInfo, ProposalStateName } from '../../src/client/index.ts'

/** A vote, as messages, events and answers show it */
export interface SeenVote {
  /** Name of the scope */
  scope: string
  proposalId: number
  /** Address */
  voter: string
  choice: Choice
  /** Unix seconds */
  timestamp: number
  /** The vote's hash, where it is shown, in hex */
  hash?: string
}

/** How a proposal has ended at a node */
export interface SeenDecision {
  scope: string
  proposalId: number
  state: ProposalStateName
  result?: Choice
}

/** Which proposal is meant */
export type SeenProposal = Pick<SeenVote, 'scope' | 'proposalId'>

interface Sighting extends SeenVote {
  /** By whom it was seen first */
  where: string
}

interface Shown extends SeenDecision {
  where: string
  /** Whether the node was asked since */
  confirmed: boolean
}

export class Observations {
  /** Proposal and voter → the different votes */
  private readonly seen = new Map<string, Sighting[]>()
  /** Node → proposal → the decision it has shown first */
  private readonly shown = new Map<string, Map<string, Shown>>()
  private readonly mayComeLate: (scope: string) => boolean
  private readonly lost = new Map<string, string>()

  /**
   * @param mayComeLate - whether votes that come after the end may still decide in a scope what ended without a result
   */
  constructor (mayComeLate: (scope: string) => boolean) {
    this.mayComeLate = mayComeLate
  }

  /** How many different votes were seen */
  get votes (): number {
    return [...this.seen.values()].reduce((sum, votes) => sum + votes.length, 0)
  }

  /** How many decisions nodes have shown, each at each node */
  get decisions (): number {
    return [...this.shown.values()].reduce((sum, decisions) => sum + decisions.size, 0)
  }

  /** Two votes of one voter on one proposal, in words, one for each voter and proposal where that is so */
  get selfEquivocations (): string[] {
    return [...this.seen.values()].filter(votes => votes.length > 1).map(votes => {
      const [{ scope, proposalId, voter }] = votes

      return `${voter} has signed ${votes.length} votes on proposal ${proposalId} in ${scope}: ${votes.map(formatVote).join('; ')}`
    })
  }

  /** Decisions that nodes have shown and then did not have any more, in words */
  get lostDecisions (): string[] {
    return [...this.lost.values()]
  }

  /**
   * @param where - what has shown it, for the report
   */
  addVote (where: string, { scope, proposalId, voter, choice, timestamp, hash }: SeenVote): void {
    const key = `${scope} ${proposalId} ${voter}`
    const votes = this.seen.get(key) ?? []
    const same = votes.find(vote => vote.choice === choice && vote.timestamp === timestamp && (vote.hash == null || hash == null || vote.hash === hash))

    if (same == null) {
      this.seen.set(key, [...votes, { where, scope, proposalId, voter, choice, timestamp, hash }])
    } else {
      same.hash ??= hash
    }
  }

  /** What this voter has chosen, as far as it was seen */
  choiceOf ({ scope, proposalId }: SeenProposal, voter: string): Choice | undefined {
    return this.seen.get(`${scope} ${proposalId} ${voter}`)?.[0].choice
  }

  /** All that an answer of a node says */
  addProposal (node: string, { votes, ...proposal }: ProposalInfo): void {
    const { scope, proposalId } = proposal

    votes.forEach(vote => { this.addVote(`an answer of ${node}`, { scope, proposalId, ...vote }) })
    this.addDecision(node, `an answer of ${node}`, proposal)
  }

  /** What a node says of a proposal. One that is said to be active says nothing: an answer may be overtaken by an event. */
  addDecision (node: string, where: string, { scope, proposalId, state, result }: SeenDecision): void {
    if (state === 'active') {
      return
    }

    const decisions = this.shown.get(node) ?? new Map<string, Shown>()
    const key = `${scope} ${proposalId}`
    const known = decisions.get(key)

    this.shown.set(node, decisions)

    if (known == null) {
      decisions.set(key, { scope, proposalId, state, result, where, confirmed: false })
    } else {
      this.compare(node, known, { scope, proposalId, state, result }, where)
    }
  }

  /** The proposals whose decisions a node has shown: all, or those it was not asked for since */
  decisionsOf (node: string, { unconfirmed }: { unconfirmed: boolean }): SeenProposal[] {
    return [...this.shown.get(node)?.values() ?? []].filter(({ confirmed }) => !unconfirmed || !confirmed).map(({ scope, proposalId }) => ({ scope, proposalId }))
  }

  /**
   * What a node says, when asked, of a proposal whose decision it has shown before
   *
   * @param answer - undefined if it does not know the proposal
   */
  confirm (node: string, { scope, proposalId }: SeenProposal, answer?: SeenDecision): void {
    const known = this.shown.get(node)?.get(`${scope} ${proposalId}`)

    if (known != null) {
      known.confirmed = true
      this.compare(node, known, answer, 'when asked')
    }
  }

  private compare (node: string, known: Shown, now: SeenDecision | undefined, at: string): void {
    const { scope, proposalId, state, result, where } = known

    if (state === 'failed' && now?.state === 'reached' && this.mayComeLate(scope)) {
      Object.assign(known, { state: now.state, result: now.result, where: at })
    } else if (now?.state !== state || now.result !== result) {
      this.lost.set(`${node} ${scope} ${proposalId}`, `${node} showed proposal ${proposalId} in ${scope} as ${formatDecision({ state, result })} (${where}), and then ${now == null ? 'did not know it' : `as ${formatDecision(now)}`} (${at})`)
    }
  }
}

function formatVote ({ choice, timestamp, hash, where }: Sighting): string {
  return `${choice} at ${timestamp}${hash == null ? '' : `, hash ${hash}`}, seen first in ${where}`
}

function formatDecision ({ state, result }: Pick<SeenDecision, 'state' | 'result'>): string {
  return result ?? state
}
