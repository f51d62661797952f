/**
 * Makes messages that are right but for some of their fields, so that the later checks are reached as well, and values of
 * types that have no business in a message.
 */

import { computeVoteHash, signedPayload } from '../../src/consensus/index.ts'
import type { Random } from './random.ts'
import type { ConsensusSigner, Proposal, Vote } from '../../src/consensus/index.ts'

const bytesOf = (random: Random): Uint8Array => random.bytes(random.pick([0, 1, 19, 20, 21, 32, 64, 65, 66, 200]))
const uint32Of = (random: Random): number => random.pick([0, 1, 2 ** 31, 2 ** 32 - 1, random.uint32()])

/** Changes up to three fields; the hash and the signature are made anew, or not */
export async function alteredVote (vote: Vote, signer: ConsensusSigner, random: Random): Promise<Vote> {
  const changes: Array<() => Partial<Vote>> = [
    () => ({ voteId: uint32Of(random) }),
    () => ({ voteOwner: bytesOf(random) }),
    () => ({ proposalId: uint32Of(random) }),
    () => ({ timestamp: random.uint64() }),
    () => ({ vote: random.chance(0.5) }),
    () => ({ parentHash: bytesOf(random) }),
    () => ({ receivedHash: bytesOf(random) })
  ]
  let altered = vote

  for (let left = random.below(4); left > 0; left--) {
    altered = { ...altered, ...random.pick(changes)() }
  }

  if (random.chance(0.9)) {
    altered = { ...altered, voteHash: random.chance(0.9) ? computeVoteHash(altered) : bytesOf(random) }
  }

  if (random.chance(0.9)) {
    altered = { ...altered, signature: random.chance(0.6) ? await signer.sign(signedPayload(altered)) : bytesOf(random) }
  }

  return altered
}

export async function alteredProposal (proposal: Proposal, signers: readonly ConsensusSigner[], random: Random): Promise<Proposal> {
  const changes: Array<() => Partial<Proposal>> = [
    () => ({ name: String.fromCodePoint(random.below(0xd800), 0x10000 + random.below(0x100000)) }),
    () => ({ payload: bytesOf(random) }),
    () => ({ proposalId: uint32Of(random) }),
    () => ({ proposalOwner: bytesOf(random) }),
    () => ({ expectedVotersCount: random.chance(0.5) ? random.below(6) : uint32Of(random) }),
    () => ({ round: uint32Of(random) }),
    () => ({ timestamp: random.uint64() }),
    () => ({ expirationTimestamp: random.uint64() }),
    () => ({ livenessCriteriaYes: random.chance(0.5) }),
    () => ({ votes: [...proposal.votes].reverse() }),
    () => ({ votes: [...proposal.votes, ...proposal.votes] }),
    () => ({ votes: proposal.votes.slice(random.below(3)) })
  ]
  let altered = proposal

  for (let left = random.below(4); left > 0; left--) {
    altered = { ...altered, ...random.pick(changes)() }
  }

  if (random.chance(0.3) && altered.votes.length > 0) {
    const votes = [...altered.votes]
    const position = random.below(votes.length)

    votes[position] = await alteredVote(votes[position], random.pick(signers), random)
    altered = { ...altered, votes }
  }

  return altered
}

const JUNK: readonly unknown[] = [
  undefined, null, NaN, -1, 1.5, Infinity, 2 ** 32, 2 ** 53, -1n, 2n ** 64n, '', '0xab', '\ud800', true, [], {}, [1, 2], new Date(0),
  new ArrayBuffer(3), new Uint16Array(2), Symbol('junk'), () => {}, new Map(), Object.create(null), { length: 3, byteLength: 3 },
  new Proxy({}, {}), /x/, Promise.resolve()
]

/** The message with junk in one field, in one of its votes, or in place of it */
export function withJunk (message: Proposal | Vote, random: Random): any {
  if (random.chance(0.05)) {
    return random.pick(JUNK)
  }

  const field = random.pick(Object.keys(message))
  const { votes } = message as Proposal

  if (field === 'votes' && votes.length > 0 && random.chance(0.8)) {
    return { ...message, votes: [...votes.slice(1), withJunk(votes[0], random)] }
  }

  return { ...message, [field]: random.pick(JUNK) }
}
