/**
 * Everything that was seen of a run, by anybody, and what in it must not be.
 */

import type { Choice, ProposalInfo, ProposalStateName } from '../../src/client/index.ts'

/** A vote, as messages, events and answers show it */
export interface SeenVote {
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
  proposalId: number
  state: ProposalStateName
  result?: Choice
}

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
  private readonly shown = new Map<string, Map<number, Shown>>()
  private readonly lost = new Map<string, string>()

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
      const [{ proposalId, voter }] = votes

      return `${voter} has signed ${votes.length} votes on proposal ${proposalId}: ${votes.map(formatVote).join('; ')}`
    })
  }

  /** Decisions that nodes have shown and then did not have any more, in words */
  get lostDecisions (): string[] {
    return [...this.lost.values()]
  }

  /**
   * @param where - what has shown it, for the report
   */
  addVote (where: string, { proposalId, voter, choice, timestamp, hash }: SeenVote): void {
    const key = `${proposalId} ${voter}`
    const votes = this.seen.get(key) ?? []
    const same = votes.find(vote => vote.choice === choice && vote.timestamp === timestamp && (vote.hash == null || hash == null || vote.hash === hash))

    if (same == null) {
      this.seen.set(key, [...votes, { where, proposalId, voter, choice, timestamp, hash }])
    } else {
      same.hash ??= hash
    }
  }

  /** What this voter has chosen, as far as it was seen */
  choiceOf (proposalId: number, voter: string): Choice | undefined {
    return this.seen.get(`${proposalId} ${voter}`)?.[0].choice
  }

  /** All that an answer of a node says */
  addProposal (node: string, { votes, ...proposal }: ProposalInfo): void {
    votes.forEach(vote => { this.addVote(`an answer of ${node}`, { proposalId: proposal.proposalId, ...vote }) })
    this.addDecision(node, `an answer of ${node}`, proposal)
  }

  /** What a node says of a proposal. One that is said to be active says nothing: an answer may be overtaken by an event. */
  addDecision (node: string, where: string, { proposalId, state, result }: SeenDecision): void {
    if (state === 'active') {
      return
    }

    const decisions = this.shown.get(node) ?? new Map<number, Shown>()
    const known = decisions.get(proposalId)

    this.shown.set(node, decisions)

    if (known == null) {
      decisions.set(proposalId, { proposalId, state, result, where, confirmed: false })
    } else {
      this.compare(node, known, { proposalId, state, result }, where)
    }
  }

  /** The proposals whose decisions a node has shown: all, or those it was not asked for since */
  decisionsOf (node: string, { unconfirmed }: { unconfirmed: boolean }): number[] {
    return [...this.shown.get(node)?.values() ?? []].filter(({ confirmed }) => !unconfirmed || !confirmed).map(({ proposalId }) => proposalId)
  }

  /**
   * What a node says, when asked, of a proposal whose decision it has shown before
   *
   * @param answer - undefined if it does not know the proposal
   */
  confirm (node: string, proposalId: number, answer?: SeenDecision): void {
    const known = this.shown.get(node)?.get(proposalId)

    if (known != null) {
      known.confirmed = true
      this.compare(node, known, answer, 'when asked')
    }
  }

  private compare (node: string, { proposalId, state, result, where }: Shown, now: SeenDecision | undefined, at: string): void {
    if (now?.state !== state || now.result !== result) {
      this.lost.set(`${node} ${proposalId}`, `${node} showed proposal ${proposalId} as ${formatDecision({ state, result })} (${where}), and then ${now == null ? 'did not know it' : `as ${formatDecision(now)}`} (${at})`)
    }
  }
}

function formatVote ({ choice, timestamp, hash, where }: Sighting): string {
  return `${choice} at ${timestamp}${hash == null ? '' : `, hash ${hash}`}, seen first in ${where}`
}

function formatDecision ({ state, result }: Omit<SeenDecision, 'proposalId'>): string {
  return result ?? state
}
