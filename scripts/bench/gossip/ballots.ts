/**
 * Proposals and votes as members would make them, made and signed before anything is measured.
 */

import { announcementDigest, parsePolicy, policyDigest, proposalDigest, proposalIdOf } from '../../../src/consensus/policy/policy.ts'
import { buildVote, encodeVote, signedPayload } from '../../../src/consensus/vote/vote.ts'
import { encodeAnnouncement, encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { ethereumSigner, identityToAddress } from '../../../src/signers/ethereum.ts'
import type { Proposal } from '../../../src/consensus/proposal/proposal.ts'
import type { ConsensusSigner } from '../../../src/consensus/signing.ts'
import type { ScopePolicy } from '../../../src/index.ts'

const LIFETIME_SECONDS = 24 * 60 * 60

/** A proposer's share of the active proposals is 100, and those on their way count, too */
const PROPOSERS = 2

export interface Ballots {
  policy: ScopePolicy
  proposalIds: number[]
  /** Gossip messages */
  announcements: Uint8Array[]
  /** Gossip messages, proposal by proposal */
  votes: Uint8Array[]
  /** Bytes of all votes as they are stored and synced */
  bytesOfVotes: number
}

export interface BallotsInit {
  proposals: number
  /** Everybody of these votes on everything */
  voters: number
  /** Voters besides these, who have not voted: addresses */
  others?: string[]
  /** Whether two thirds decide, and all vote yes. Otherwise all would have to agree and do not, so that nothing is decided */
  decided?: boolean
}

export async function makeBallots ({ proposals, voters, others = [], decided = false }: BallotsInit): Promise<Ballots> {
  const signers = Array.from({ length: voters }, (_, index) => signerOf(index))
  const proposers = Array.from({ length: PROPOSERS }, (_, index) => signerOf(voters + index))
  const policy = parsePolicy({
    name: 'bench',
    threshold: decided ? '2/3' : 1,
    voters: [...signers.map(({ identity }) => identityToAddress(identity)), ...others],
    proposers: proposers.map(({ identity }) => identityToAddress(identity))
  })
  const ballots: Ballots = { policy, proposalIds: [], announcements: [], votes: [], bytesOfVotes: 0 }
  const ofPolicy = policyDigest(policy)

  for (let index = 0; index < proposals; index++) {
    const proposer = proposers[index % PROPOSERS]
    const proposal = proposalOf(policy, ofPolicy, proposer.identity, `Question ${index}`)
    const digest = proposalDigest(ofPolicy, proposal)

    ballots.proposalIds.push(proposal.proposalId)
    ballots.announcements.push(encodeAnnouncement({ proposal, signature: await proposer.sign(announcementDigest(policy, proposal, ofPolicy)) }))

    for (const [voter, signer] of signers.entries()) {
      const unsigned = buildVote({ proposalId: proposal.proposalId, owner: signer.identity, choice: decided || voter % 2 === 0, timestamp: proposal.timestamp, votes: [], digest })
      const vote = { ...unsigned, signature: await signer.sign(signedPayload(unsigned)) }

      ballots.votes.push(encodeVoteGossip(vote))
      ballots.bytesOfVotes += encodeVote(vote).byteLength
    }
  }

  return ballots
}

function proposalOf (policy: ScopePolicy, ofPolicy: Uint8Array, proposalOwner: Uint8Array, name: string): Proposal {
  const timestamp = BigInt(Math.floor(Date.now() / 1000))
  const proposal: Proposal = {
    name,
    payload: new Uint8Array(100),
    proposalId: 0,
    proposalOwner,
    votes: [],
    expectedVotersCount: policy.voters?.length ?? 0,
    round: 1,
    timestamp,
    expirationTimestamp: timestamp + BigInt(LIFETIME_SECONDS),
    livenessCriteriaYes: true
  }

  return { ...proposal, proposalId: proposalIdOf(proposalDigest(ofPolicy, proposal)) }
}

function signerOf (index: number): ConsensusSigner {
  const key = new Uint8Array(32)
  new DataView(key.buffer).setUint32(28, index + 1)

  return ethereumSigner(key)
}
