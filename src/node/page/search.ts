/**
 * Searching what a scope has decided. The node gives lists by page and does not search, so the page reads them itself: newest
 * first, so that what is looked for most is found soonest.
 */

import type { VotingClient } from '../../client/client.ts'
import type { ProposalStateName, ProposalSummary } from '../../client/types.ts'

/** Items a request gives: as many as the node allows */
const PAGE = 100

export interface SearchProgress {
  found: ProposalSummary[]
  searched: number
  /** From where to go on; undefined if all was searched */
  cursor?: string
}

export interface SearchRequest {
  scope: string
  state?: ProposalStateName
  /** Words of the question, an id, or the address of a proposer */
  search: string
  /** Where a search before this one has ended */
  cursor?: string
  /** Ends it after so many are found */
  limit: number
  signal: AbortSignal
}

/** Gives what is found so far, page by page */
export async function * searchProposals (client: VotingClient, { scope, state, search, cursor, limit, signal }: SearchRequest): AsyncGenerator<SearchProgress> {
  const progress: SearchProgress = { found: [], searched: 0, cursor }

  do {
    const { items, cursor } = await client.proposals(scope, { state, order: 'newest', limit: PAGE, cursor: progress.cursor, signal })

    progress.found.push(...items.filter(proposal => matches(proposal, search)))
    progress.searched += items.length
    progress.cursor = cursor

    yield { ...progress, found: [...progress.found] }
  } while (progress.cursor != null && progress.found.length < limit)
}

/** Whether a proposal is meant: all words are in its question, or it is the id or the proposer's address, of which the beginning is enough */
export function matches ({ name, proposalId, proposer }: Pick<ProposalSummary, 'name' | 'proposalId' | 'proposer'>, search: string): boolean {
  const wanted = search.trim().toLowerCase()
  const text = name.toLowerCase()

  return wanted.split(/\s+/).every(word => text.includes(word)) ||
    `${proposalId}`.startsWith(wanted.replace(/^#/, '')) ||
    (wanted.startsWith('0x') && proposer.toLowerCase().startsWith(wanted))
}
