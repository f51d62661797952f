/**
 * Why a proposal has no result (yet), for those who wait for one.
 */

import { exactThresholdOf } from '../../consensus/policy/config.ts'
import { quorumOf, thresholdValue } from '../../consensus/rules/decision.ts'
import { deadlineOf } from '../participant/request.ts'
import type { ScopePolicy } from '../../consensus/policy/policy.ts'
import type { SessionSummary } from '../../consensus/storage/interface.ts'
import type { Undecided } from '../interface.ts'

type Summary = Pick<SessionSummary, 'proposal' | 'config' | 'state' | 'tally' | 'pruned'>

/**
 * Undefined for a proposal that has a result
 *
 * @param isEnding - whether its time is up, and members are asked for votes
 */
export function whyUndecided (policy: ScopePolicy, session: Summary, isEnding: boolean): Undecided | undefined {
  const { state, proposal, config } = session

  switch (state) {
    case 'active': {
      const missing = missingVotes(session)

      return { reason: whyActive(session, missing, isEnding), ...missing == null ? {} : { missing }, endsAt: deadlineOf(policy, proposal) }
    }
    case 'failed': {
      const missing = config.decisionRule === 'quorum' && !session.pruned ? missingVotes(session) : undefined

      return { reason: whyFailed(session, missing), ...missing == null ? {} : { missing } }
    }
    case 'conflict':
      return { reason: 'Both yes and no have the votes of a quorum, so there is no result, and there will be none.' }
    default:
  }
}

function missingVotes (session: Summary): Undecided['missing'] {
  const { config, proposal: { expectedVotersCount: voters, livenessCriteriaYes }, tally: { yes, no } } = session
  const silent = silentVoters(session)

  switch (config.decisionRule) {
    case 'quorum': {
      const quorum = quorumOf(voters, exactThresholdOf(config))

      return { yes: quorum - yes, no: quorum - no }
    }
    case 'reference': {
      // a side is to have what is required, and more than the other with all who are silent then
      const missing = (own: number, other: number): number => Math.max(1, thresholdValue(voters, config.consensusThreshold) - own, Math.floor((other + silent - own) / 2) + 1)
      // or a tie of all, for the side that wins it
      const missingOf = (own: number, other: number, winsTies: boolean): number => winsTies && own + silent === other ? silent : missing(own, other)

      return voters <= 2 ? undefined : { yes: missingOf(yes, no, livenessCriteriaYes), no: missingOf(no, yes, !livenessCriteriaYes) }
    }
    default:
  }
}

function whyActive (session: Summary, missing: Undecided['missing'], isEnding: boolean): string {
  const votes = missing == null ? silentWords(session) : missingWords(session, missing)

  return isEnding
    ? `Its time is up, and members are asked for votes that are missing here, for at most 15 seconds. ${votes}`
    : `It is open. ${votes}`
}

function whyFailed (session: Summary, missing: Undecided['missing']): string {
  if (session.config.decisionRule !== 'quorum') {
    return 'It ended without a result: there were too few votes for either side.'
  }

  const ended = 'It ended without a result known here: neither side had a quorum.'

  return missing == null
    ? `${ended} Its votes are kept no longer, so that none that comes late decides it here.`
    : `${ended} Votes that were cast in time and come late may still decide it. ${missingWords(session, missing)}`
}

/** Which votes decide it, of those that can be cast */
function missingWords (session: Summary, missing: NonNullable<Undecided['missing']>): string {
  const silent = silentVoters(session)
  const sides = (['yes', 'no'] as const).filter(side => missing[side] <= silent).map(side => `${missing[side]} more ${side}`)

  if (sides.length === 0) {
    return `Neither side can get ${quorumWords(session)} from the ${voters(silent)} left.`
  }

  return `${sides.join(' or ')} would make ${quorumWords(session)}.`
}

function quorumWords ({ config, proposal: { expectedVotersCount: voters } }: Summary): string {
  return config.decisionRule === 'quorum' ? `a quorum of ${quorumOf(voters, exactThresholdOf(config))} of ${voters}` : 'a majority that no other vote can change'
}

function silentWords (session: Summary): string {
  const silent = silentVoters(session)

  return `${voters(silent)} ${silent === 1 ? 'has' : 'have'} not voted.`
}

function silentVoters ({ proposal: { expectedVotersCount }, tally: { yes, no, doubles = 0 } }: Summary): number {
  return Math.max(0, expectedVotersCount - yes - no + doubles)
}

function voters (count: number): string {
  return `${count} voter${count === 1 ? '' : 's'}`
}
