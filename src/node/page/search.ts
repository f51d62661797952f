/**
 * Pages of what a scope has decided. To a search, the node may answer with less than it was asked for, and from where to go on:
 * the page goes on for it.
 */

import type { ListOptions, VotingClient } from '../../client/client.ts'
import type { Page, ProposalSummary } from '../../client/types.ts'

/** A full page, or the last one */
export async function readPage (client: VotingClient, scope: string, { limit, ...options }: ListOptions & { limit: number }): Promise<Page<ProposalSummary>> {
  const items: ProposalSummary[] = []
  let { cursor } = options

  do {
    const page = await client.proposals(scope, { ...options, limit: limit - items.length, cursor })

    items.push(...page.items)
    cursor = page.cursor
  } while (cursor != null && items.length < limit)

  return { items, cursor }
}
