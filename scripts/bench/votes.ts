/**
 * Votes to measure with, and what figures are made of.
 */

import { buildVote, encodeVote, signedPayload } from '../../src/consensus/index.ts'
import { ethereumSigner } from '../../src/signers/ethereum.ts'
import type { Proposal, Vote } from '../../src/consensus/index.ts'

/** Unix seconds: all that is measured happens at this time */
export const NOW = 1_700_000_000n

/** The vote that arrives, as bytes, since that is how votes arrive */
export interface Arrival {
  encoded: Uint8Array
  vote: Vote
}

/** Votes of different voters, yes and no in turn, for proposal 0: each proposal gets votes of its own by changing places */
export async function makeVotes (count: number): Promise<Arrival[]> {
  const arrivals: Arrival[] = []
  let last: Vote[] = []

  for (let index = 0; index < count; index++) {
    const key = new Uint8Array(32)
    new DataView(key.buffer).setUint32(28, index + 1)

    const signer = ethereumSigner(key)
    const unsigned = buildVote({ proposalId: 1, owner: signer.identity, choice: index % 2 === 0, timestamp: NOW, votes: last })
    const vote = { ...unsigned, signature: await signer.sign(signedPayload(unsigned)) }

    arrivals.push({ encoded: encodeVote(vote), vote })
    last = [vote]
  }

  return arrivals
}

export function proposalOf (expectedVotersCount: number, votes: Vote[] = []): Proposal {
  return {
    name: 'Bench',
    payload: new Uint8Array(100),
    proposalId: 1,
    proposalOwner: new Uint8Array(20),
    votes,
    expectedVotersCount,
    round: 1,
    timestamp: NOW,
    expirationTimestamp: NOW + 60n,
    livenessCriteriaYes: true
  }
}

export function median (numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]
}

export function round (value: number): string {
  return Math.round(value).toLocaleString('en')
}
