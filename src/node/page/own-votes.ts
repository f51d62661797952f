/**
 * What our key has voted on the proposals that are shown. Lists do not say, so each proposal is looked at once.
 */

import { useResource } from './hooks.ts'
import { client } from './node.ts'
import type { Choice, VoteInfo } from '../../client/types.ts'

/** Requests at one time, so that others get through */
const PARALLEL = 2

/** By scope and proposal; a vote is there for good, that there is none yet is as of the last look */
const known = new Map<string, Choice | 'none'>()

/** `none` where our key has not voted, undefined where that is not known yet */
export function useOwnVotes (scope: string, proposalIds: number[], voter: string): (proposalId: number) => Choice | 'none' | undefined {
  useResource(`votes ${scope} ${proposalIds.join(' ')}`, async signal => {
    const unknown = proposalIds.filter(proposalId => !known.has(keyOf(scope, proposalId)))

    await Promise.all(Array.from({ length: PARALLEL }, async () => {
      for (let next = unknown.shift(); next != null; next = unknown.shift()) {
        const { votes } = await client.proposal(scope, next, { signal })

        known.set(keyOf(scope, next), ownVote(votes, voter) ?? 'none')
      }
    }))
  }, {
    changedBy: ({ type, data }) => {
      if (type !== 'vote' || data.scope !== scope || data.voter !== voter) {
        return false
      }

      known.set(keyOf(scope, data.proposalId), data.choice)

      return true
    }
  })

  return proposalId => known.get(keyOf(scope, proposalId))
}

export function ownVote (votes: VoteInfo[], voter: string): Choice | undefined {
  return votes.find(vote => vote.voter === voter)?.choice
}

function keyOf (scope: string, proposalId: number): string {
  return `${scope} ${proposalId}`
}
