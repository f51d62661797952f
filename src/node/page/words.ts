/**
 * What the node's answers mean, in words, as far as the answers do not say it themselves.
 */

import { LATE } from '../../client/late-result.ts'
import { autoVoteSide } from '../../client/on-silence.ts'
import { quorumOf, thresholdValue, toleranceOf } from '../../consensus/rules/decision.ts'
import { shareOf } from '../../consensus/rules/threshold.ts'
import { count, formatDuration, formatTime } from './format.ts'
import type { ClockOffsetInfo, ProposalSummary, ScopeInfo } from '../../client/types.ts'
import type { ScopePolicy } from '../../consensus/policy/policy.ts'

export type Tone = 'plain' | 'asked' | 'yes' | 'no' | 'warning' | 'alarm'

/** The state of a proposal in a word or two */
export function describeState ({ state, result, late, contradicted, isEnding, deadline }: Pick<ProposalSummary, 'state' | 'result' | 'late' | 'contradicted' | 'isEnding' | 'deadline'>, now: number): { tone: Tone, text: string } {
  if (state === 'conflict') {
    return { tone: 'alarm', text: 'Conflict' }
  }

  if (state === 'failed') {
    return { tone: 'warning', text: 'No result' }
  }

  if (state === 'active') {
    if (isEnding) {
      return { tone: 'warning', text: 'Ending' }
    }

    return { tone: 'plain', text: now < deadline ? 'Voting' : 'Counting late votes' }
  }

  if (contradicted === true) {
    return { tone: 'alarm', text: `${result === 'yes' ? 'Yes' : 'No'}, contradicted` }
  }

  if (late === true) {
    return { tone: 'warning', text: `${result === 'yes' ? 'Yes' : 'No'}, late` }
  }

  return result === 'yes' ? { tone: 'yes', text: 'Decided: yes' } : { tone: 'no', text: 'Decided: no' }
}

/** How many votes a side needs: the quorum, or the threshold where the rule is another */
export function votesNeeded ({ quorum, expectedVotersCount, threshold }: Pick<ProposalSummary, 'quorum' | 'expectedVotersCount' | 'threshold'>): number {
  return quorum ?? thresholdValue(expectedVotersCount, shareOf(threshold))
}

/** As {@link votesNeeded}, for whatever is proposed in a scope with a list of voters */
export function describeVoters ({ voters, decisionRule, threshold }: ScopePolicy): string | undefined {
  if (voters == null) {
    return
  }

  return decisionRule === 'quorum'
    ? `${count(voters.length, 'voter')}, quorum ${quorumOf(voters.length, threshold)}`
    : `${count(voters.length, 'voter')}, threshold ${thresholdValue(voters.length, shareOf(threshold))}`
}

/** The tally for those who do not see its bars */
export function describeTally (proposal: Pick<ProposalSummary, 'tally' | 'doubleVoters' | 'expectedVotersCount' | 'quorum' | 'threshold'>): string {
  const { tally: { yes, no }, doubleVoters, expectedVotersCount, quorum } = proposal

  return `${yes} yes, ${no} no of ${count(expectedVotersCount, 'voter')}${doubleVoters === 0 ? '' : `, ${doubleVoters} of them both`}; ${quorum == null ? 'a side needs' : 'a quorum is'} ${votesNeeded(proposal)}`
}

/** Why a proposal stands as it does: what has to happen so that it is decided, or why it ended as it did */
export function explain (proposal: ProposalSummary, policy: Pick<ScopePolicy, 'decisionRule' | 'onSilence'>, now: number): string[] {
  const { state, undecided } = proposal

  return [
    ...state === 'reached' ? explainResult(proposal, policy.decisionRule) : [],
    ...undecided == null ? [] : [undecided.reason],
    ...state === 'active' ? [...explainSilence(proposal, policy, now), explainEnd(proposal, policy, now)] : []
  ]
}

function explainResult (proposal: ProposalSummary, rule: ScopePolicy['decisionRule']): string[] {
  const { quorum, result, late, contradicted, expectedVotersCount } = proposal
  const words = [
    quorum == null
      ? `Decided by the rule “${rule}”.`
      : `${quorum} or more of ${count(expectedVotersCount, 'voter')} voted ${result}. That is a quorum${contradicted === true ? '' : ': the result is final'}.`,
    ...late === true ? [LATE] : []
  ]

  return contradicted === true ? [...words, 'The other side has got the votes of a quorum, too: other members may have the opposite result. Talk to the other members before anyone acts on this result.'] : words
}

function explainSilence (proposal: ProposalSummary, { onSilence }: Pick<ScopePolicy, 'onSilence'>, now: number): string[] {
  return onSilence === 'none' || now >= proposal.deadline ? [] : [`Shortly before the deadline the nodes of voters who have not voted vote ${autoVoteSide({ ...proposal, onSilence })} automatically.`]
}

/** What silence means for a proposal, in short */
export function describeSilenceOn (proposal: ProposalSummary, { onSilence }: Pick<ScopePolicy, 'onSilence'>): string {
  const said = [
    ...onSilence === 'none' ? [] : [`the node of a voter who has not voted votes ${autoVoteSide({ ...proposal, onSilence })} automatically`],
    ...silenceCounts(proposal) ? [`counts as ${proposal.livenessCriteriaYes ? 'yes' : 'no'}`] : []
  ]

  return said.length === 0 ? 'decides nothing' : said.join('; then it ')
}

/** What becomes of a proposal that no vote decides, as it stands now */
function explainEnd (proposal: ProposalSummary, policy: Pick<ScopePolicy, 'onSilence'>, now: number): string {
  const { deadline, undecided, isEnding } = proposal
  const end = outcome(proposal, policy)

  if (isEnding) {
    return `Members are asked for votes that are missing here, for at most 15 seconds. Then ${end}`
  }

  return now < deadline || undecided?.endsAt == null
    ? `At the end ${end}`
    : `No more votes are cast. Those that are on their way are waited for until ${formatTime(undecided.endsAt)}; then ${end}`
}

function outcome (proposal: ProposalSummary, { onSilence }: Pick<ScopePolicy, 'onSilence'>): string {
  if (silenceCounts(proposal)) {
    return `those who have not voted count as ${proposal.livenessCriteriaYes ? 'yes' : 'no'}.`
  }

  return `${onSilence === 'none' ? 'silence decides nothing: ' : ''}without enough votes for one side it ends without a result.`
}

/** Whether the silent count for a side at the deadline: by the crate's rules, where there are more than two voters */
export function silenceCounts ({ quorum, expectedVotersCount }: Pick<ProposalSummary, 'quorum' | 'expectedVotersCount'>): boolean {
  return quorum == null && expectedVotersCount > 2
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

/** What this node's key may not do in a scope */
export function describeRights ({ mayVote, mayPropose }: Pick<ScopeInfo, 'mayVote' | 'mayPropose'>): string | undefined {
  if (mayVote) {
    return mayPropose ? undefined : 'this node may vote, not propose'
  }

  return mayPropose ? 'this node may propose, not vote' : 'this node looks on: it may neither vote nor propose'
}

/** How the clock of a node compares with those of the others */
export function describeClock ({ seconds, peers, isOff }: ClockOffsetInfo): string {
  return isOff
    ? `is ${formatDuration(Math.abs(seconds))} ${seconds > 0 ? 'behind' : 'ahead of'} ${count(peers, 'other member')}`
    : 'agrees with those of the others again'
}
