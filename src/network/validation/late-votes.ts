import { bytesToHex } from '@noble/hashes/utils.js'
import { BoundedSet } from '../../util/bounded.ts'
import type { Vote } from '../../consensus/vote/vote.ts'

/** So many late votes are remembered before the oldest is forgotten */
const MAX_LATE_VOTES = 10_000

/**
 * Who has voted on what after the decision. One late vote a voter is passed on, for those who have not decided yet; it is
 * not stored, so it has to be remembered here.
 */
export class LateVotes {
  private readonly keys = new BoundedSet<string>(MAX_LATE_VOTES)

  has (vote: Vote): boolean {
    return this.keys.has(key(vote))
  }

  add (vote: Vote): void {
    this.keys.add(key(vote))
  }

  clear (): void {
    this.keys.clear()
  }
}

function key ({ proposalId, voteOwner }: Vote): string {
  return `${proposalId}/${bytesToHex(voteOwner)}`
}
