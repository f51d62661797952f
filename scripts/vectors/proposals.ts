/**
 * proposals.json: canonical bytes of proposals, and the links between the votes in them.
 */

import { hexToBytes } from '@noble/hashes/utils.js'
import { buildVote, decodeProposal, encodeProposal, validateVoteChain } from '../../src/consensus/index.ts'
import { casesOf, outcomeOf, runCases } from './case.ts'
import { toProposal } from './messages.ts'
import type { Case } from './case.ts'
import type { ProposalData } from './messages.ts'

interface ProposalCase {
  proposal: ProposalData
  encoded: string
}

export async function checkProposals (content: unknown): Promise<Case[]> {
  return runCases<ProposalCase>(casesOf(content), data => `proposal ${data.proposal?.proposalId}`, async (test, data) => {
    const proposal = toProposal(data.proposal)
    const { votes } = proposal

    test.equal('encoded', data.encoded, encodeProposal(proposal))
    test.equal('decoded', data.proposal, decodeProposal(hexToBytes(data.encoded)))
    test.equal('links', 'ok', await outcomeOf(() => { validateVoteChain(votes) }))

    for (const [index, vote] of votes.entries()) {
      const { parentHash, receivedHash } = buildVote({
        proposalId: vote.proposalId,
        owner: vote.voteOwner,
        choice: vote.vote,
        timestamp: vote.timestamp,
        votes: votes.slice(0, index)
      })

      test.equal(`parent hash of vote ${index + 1}`, data.proposal.votes[index].parentHash, parentHash)
      test.equal(`received hash of vote ${index + 1}`, data.proposal.votes[index].receivedHash, receivedHash)
    }
  })
}
