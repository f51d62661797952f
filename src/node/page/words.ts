/**
 * What the state of a proposal means, in words.
 */

import { quorumOf, thresholdValue, toleranceOf } from '../../consensus/decision.ts'
import { count, formatShare } from './format.ts'
import type { ProposalSummary, ScopeInfo } from '../../client/types.ts'
import type { ScopePolicy } from '../../consensus/policy.ts'

export type Tone = 'plain' | 'asked' | 'yes' | 'no' | 'warning' | 'alarm'

type Terms = Pick<ProposalSummary, 'tally' | 'expectedVotersCount' | 'threshold' | 'livenessCriteriaYes' | 'state' | 'deadline' | 'waitingForPeer'>

/** The state of a proposal in a word or two */
export function describeState ({ state, result, contradicted, waitingForPeer, deadline }: Pick<ProposalSummary, 'state' | 'result' | 'contradicted' | 'waitingForPeer' | 'deadline'>, now: number): { tone: Tone, text: string } {
  if (state === 'conflict') {
    return { tone: 'alarm', text: 'Conflict' }
  }

  if (state === 'failed') {
    return { tone: 'warning', text: 'No result' }
  }

  if (state === 'active') {
    if (waitingForPeer) {
      return { tone: 'warning', text: 'Waits for a peer' }
    }

    return { tone: 'plain', text: now < deadline ? 'Voting' : 'Counting late votes' }
  }

  if (contradicted === true) {
    return { tone: 'alarm', text: `${result === 'yes' ? 'Yes' : 'No'}, contradicted` }
  }

  return result === 'yes' ? { tone: 'yes', text: 'Decided: yes' } : { tone: 'no', text: 'Decided: no' }
}

/** How many votes a side needs: at the quorum, or at the threshold where the rule is another */
export function votesNeeded (rule: ScopePolicy['decisionRule'], expectedVoters: number, threshold: number): number {
  return rule === 'quorum' ? quorumOf(expectedVoters, threshold) : thresholdValue(expectedVoters, threshold)
}

/** How many have not voted */
export function silentVoters ({ tally: { yes, no, doubles = 0 }, expectedVotersCount }: Pick<ProposalSummary, 'tally' | 'expectedVotersCount'>): number {
  return Math.max(0, expectedVotersCount - (yes + no - doubles))
}

/** The tally for those who do not see its bars */
export function describeTally (proposal: Pick<ProposalSummary, 'tally' | 'expectedVotersCount'>, needed: number, rule: ScopePolicy['decisionRule']): string {
  const { tally: { yes, no, doubles = 0 }, expectedVotersCount } = proposal

  return `${yes} yes, ${no} no of ${count(expectedVotersCount, 'voter')}${doubles === 0 ? '' : `, ${doubles} of them both`}; ${rule === 'quorum' ? 'a quorum is' : 'a side needs'} ${needed}`
}

/** Why a proposal stands as it does: what has to happen so that it is decided, or why it ended as it did */
export function explain (proposal: Terms & Pick<ProposalSummary, 'grade' | 'result' | 'contradicted'>, policy: ScopePolicy, now: number): string[] {
  switch (proposal.state) {
    case 'reached': return explainResult(proposal, policy)
    case 'failed': return policy.decisionRule === 'quorum'
      ? ['At the deadline neither side had a quorum, and silence decided nothing.', 'No result is known here. A vote that was cast in time and comes late can still complete a quorum.']
      : ['At the deadline neither side had won.']
    case 'conflict': return [`Both sides have the votes of a quorum, so at least ${count(doublesInConflict(proposal), 'voter')} voted both yes and no. There is no result.`]
    default: return explainUndecided(proposal, policy, now)
  }
}

function explainResult ({ grade, result, contradicted, expectedVotersCount, threshold }: Terms & Pick<ProposalSummary, 'grade' | 'result' | 'contradicted'>, { decisionRule }: ScopePolicy): string[] {
  const words = [
    ...(grade === 'quorum' ? [`${quorumOf(expectedVotersCount, threshold)} or more of ${count(expectedVotersCount, 'voter')} voted ${result}. That is a quorum: the result is final.`] : []),
    ...(grade === 'timeout' ? [`Decided by silence: at the deadline no side had a quorum, and too few had voted against ${result}. Votes that come late may still confirm it.`] : []),
    ...(grade == null ? [`Decided by the rule “${decisionRule}”.`] : [])
  ]

  return contradicted === true ? [...words, 'The other side has got the votes of a quorum, too. Talk to the other members before anyone acts on this result.'] : words
}

function explainUndecided (proposal: Terms, policy: ScopePolicy, now: number): string[] {
  const closed = now >= proposal.deadline
  const words = policy.decisionRule === 'quorum' ? explainQuorum(proposal, closed) : explainOther(proposal, policy)

  if (proposal.waitingForPeer) {
    return [...words, 'Time is up. Before it counts the silent, this node asks another member for votes it may have missed, and no member can be reached: see Node.']
  }

  if (closed) {
    return [...words, `Time is up. Votes that are still on their way are waited for, ${count(policy.decisionRule === 'quorum' ? policy.graceSeconds : 0, 'second')} in all. ${atDeadline(proposal, policy, 'Then')}`]
  }

  return [...words, atDeadline(proposal, policy, 'At the deadline')]
}

function explainQuorum (proposal: Terms, closed: boolean): string[] {
  const { tally: { yes, no }, expectedVotersCount, threshold } = proposal
  const needed = quorumOf(expectedVotersCount, threshold)
  const silent = silentVoters(proposal)
  const reachable = [yes, no].map(votes => votes + silent >= needed)

  if (closed || reachable.every(side => !side)) {
    return [`A quorum is ${needed} votes for one side of ${count(expectedVotersCount, 'voter')}. Yes is ${needed - yes} short, no ${needed - no}.`]
  }

  return [`A quorum is ${needed} votes for one side of ${count(expectedVotersCount, 'voter')}. ${sides(needed - yes, needed - no, reachable)}`]
}

function sides (yes: number, no: number, [yesReachable, noReachable]: boolean[]): string {
  if (!noReachable) {
    return `Yes needs ${yes} more. No can only get there if somebody votes both ways.`
  }

  return yesReachable ? `Yes needs ${yes} more, no ${no}.` : `No needs ${no} more. Yes can only get there if somebody votes both ways.`
}

function explainOther ({ expectedVotersCount, threshold }: Terms, { decisionRule }: ScopePolicy): string[] {
  return [`By the rule “${decisionRule}” a side is decided with ${formatShare(threshold)} of ${count(expectedVotersCount, 'voter')}, as soon as no vote that is missing could change it.`]
}

/** What becomes of a proposal that is not decided by then, as it stands now */
function atDeadline (proposal: Terms, { decisionRule, timeoutPolicy }: ScopePolicy, when: string): string {
  const { tally: { yes, no, doubles = 0 }, expectedVotersCount, threshold, livenessCriteriaYes } = proposal
  const side = livenessCriteriaYes ? 'yes' : 'no'

  if (decisionRule !== 'quorum') {
    return `${when} those who have not voted count as ${side}.`
  }

  if (timeoutPolicy === 'fail' || expectedVotersCount <= 2) {
    return `${when} it ends without a result if neither has it.`
  }

  const against = (livenessCriteriaYes ? no : yes) - doubles
  const allowed = expectedVotersCount - quorumOf(expectedVotersCount, threshold)

  return against <= allowed
    ? `${when} silence counts as ${side}: as it stands, it is decided ${side}. ${count(allowed + 1, 'vote')} for ${livenessCriteriaYes ? 'no' : 'yes'} would stop that.`
    : `${when} it ends without a result if neither has it: ${against} voted against what silence counts as, ${side}.`
}

function doublesInConflict ({ expectedVotersCount, threshold }: Terms): number {
  return Math.max(1, 2 * quorumOf(expectedVotersCount, threshold) - expectedVotersCount)
}

/** What a scope's policy stands and what it does not, to be known before anyone relies on it */
export function describeTolerance ({ open, policy: { decisionRule, voters, threshold } }: ScopeInfo): { tone: Tone, text: string } {
  if (open || voters == null) {
    return { tone: 'warning', text: 'tolerates nothing: whoever makes the most keys wins' }
  }

  if (decisionRule !== 'quorum') {
    return { tone: 'warning', text: 'tolerates no double voter: one can leave members with opposite results' }
  }

  const tolerance = toleranceOf(voters.length, threshold)

  return tolerance === 0
    ? { tone: 'warning', text: 'tolerates no double voter' }
    : { tone: 'plain', text: `tolerates ${count(tolerance, 'double voter')}` }
}

/** How silence counts in a scope */
export function describeSilence ({ timeoutPolicy, livenessCriteriaYes }: ScopePolicy): string {
  if (timeoutPolicy === 'fail') {
    return 'silence decides nothing'
  }

  return livenessCriteriaYes == null ? 'silence counts as the proposer says' : `silence counts as ${livenessCriteriaYes ? 'yes' : 'no'}`
}
