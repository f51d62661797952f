/**
 * incoming-vote.json: a default service takes a proposal, then a vote.
 */

import { hexToBytes } from '@noble/hashes/utils.js'
import { decodeProposal, decodeVote } from '../../src/consensus/index.ts'
import { casesOf, outcomeOf, runCases } from './case.ts'
import { ClockedService, SCOPE } from './service.ts'
import type { Case } from './case.ts'

interface IncomingVoteCase {
  what: string
  proposal: string
  proposalNow: string
  vote: string
  now: string
  outcome: string
  /** Where we differ on purpose */
  ours?: string
}

export async function checkIncomingVote (content: unknown): Promise<Case[]> {
  return runCases<IncomingVoteCase>(casesOf(content), ({ what }) => what, async (test, data) => {
    const service = new ClockedService()

    service.setClock(data.proposalNow)
    test.equal('outcome of the proposal', 'ok', await outcomeOf(async () => service.processIncomingProposal(SCOPE, decodeProposal(hexToBytes(data.proposal)))))

    service.setClock(data.now)
    test.equal('outcome', data.ours ?? data.outcome, await outcomeOf(async () => service.processIncomingVote(SCOPE, decodeVote(hexToBytes(data.vote)))))
  })
}
