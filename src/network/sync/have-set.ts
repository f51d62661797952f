/**
 * Which votes a member has, in few bytes: two bits for each listed voter, yes seen and no seen, in the order of the
 * addresses. Where anybody may vote, the first 16 bytes of SHA-256(owner ‖ value) of each vote, ascending.
 */

import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { concat } from 'uint8arrays/concat'
import { sha256 } from '../../consensus/encoding/sha256.ts'
import { MAX_VOTERS } from '../../consensus/policy/policy.ts'
import { SyncFaultError } from './errors.ts'
import type { Vote } from '../../consensus/vote/vote.ts'

/** Whose vote it is and what it says */
export type VoteKey = Pick<Vote, 'voteOwner' | 'vote'>

export interface HaveSet {
  /** How many votes are in it */
  readonly size: number
  has (vote: VoteKey): boolean
  /** Adds a vote; one that cannot be in it, of somebody who is no voter, is left out */
  add (vote: VoteKey): void
  encode (): Uint8Array
}

/**
 * Bytes of a prefix. Keys cost nothing where anybody may vote: two votes with the same 8 bytes can be found in hours, and members
 * that compared them by these would blame each other.
 */
const PREFIX_LENGTH = 16

/** A vote of as many voters as there may be, and of some double voters: a frame has no room for more */
const MAX_PREFIXES = MAX_VOTERS + 1_000

/** Makes the have-sets of one scope */
export class HaveSets {
  private readonly positions?: ReadonlyMap<string, number>

  /**
   * @param voters - lower-case addresses, sorted; null if anybody may vote
   */
  constructor (voters: readonly string[] | null) {
    this.positions = voters == null ? undefined : new Map(voters.map((voter, position) => [voter, position]))
  }

  of (votes: Iterable<VoteKey>): HaveSet {
    const set = this.positions == null ? new PrefixSet() : new BitSet(this.positions)

    for (const vote of votes) {
      set.add(vote)
    }

    return set
  }

  /**
   * @throws {SyncFaultError} if the bytes are no have-set of this scope
   */
  decode (bytes: Uint8Array): HaveSet {
    return this.positions == null ? PrefixSet.decode(bytes) : BitSet.decode(this.positions, bytes)
  }
}

class BitSet implements HaveSet {
  private readonly positions: ReadonlyMap<string, number>
  private readonly bits: Uint8Array
  size = 0

  constructor (positions: ReadonlyMap<string, number>) {
    this.positions = positions
    this.bits = new Uint8Array(Math.ceil(positions.size / 4))
  }

  static decode (positions: ReadonlyMap<string, number>, bytes: Uint8Array): BitSet {
    const set = new BitSet(positions)

    if (bytes.byteLength > set.bits.byteLength) {
      throw new SyncFaultError(`sent a have-set of ${bytes.byteLength} bytes for ${positions.size} voters`)
    }

    set.bits.set(bytes)

    for (let bit = 0; bit < set.bits.byteLength * 8; bit++) {
      set.size += set.get(bit) ? 1 : 0

      if (bit >= 2 * positions.size && set.get(bit)) {
        throw new SyncFaultError(`sent a have-set with more than ${positions.size} voters`)
      }
    }

    return set
  }

  has (vote: VoteKey): boolean {
    const bit = this.bitOf(vote)

    return bit != null && this.get(bit)
  }

  add (vote: VoteKey): void {
    const bit = this.bitOf(vote)

    if (bit != null && !this.get(bit)) {
      this.bits[bit >> 3] |= 1 << (bit & 7)
      this.size++
    }
  }

  encode (): Uint8Array {
    // zeros at the end go without saying
    return this.bits.slice(0, this.bits.findLastIndex(byte => byte !== 0) + 1)
  }

  private get (bit: number): boolean {
    return (this.bits[bit >> 3] & (1 << (bit & 7))) !== 0
  }

  private bitOf ({ voteOwner, vote }: VoteKey): number | undefined {
    const position = this.positions.get(`0x${bytesToHex(voteOwner)}`)

    return position == null ? undefined : 2 * position + (vote ? 1 : 0)
  }
}

class PrefixSet implements HaveSet {
  private readonly prefixes = new Set<string>()

  static decode (bytes: Uint8Array): PrefixSet {
    const set = new PrefixSet()

    if (bytes.byteLength % PREFIX_LENGTH !== 0 || bytes.byteLength > MAX_PREFIXES * PREFIX_LENGTH) {
      throw new SyncFaultError(`sent a have-set of ${bytes.byteLength} bytes: it has ${PREFIX_LENGTH} a vote, and at most ${MAX_PREFIXES} votes`)
    }

    let last = ''

    for (let offset = 0; offset < bytes.byteLength; offset += PREFIX_LENGTH) {
      const prefix = bytesToHex(bytes.subarray(offset, offset + PREFIX_LENGTH))

      if (prefix <= last) {
        throw new SyncFaultError('sent a have-set that is not in ascending order')
      }

      set.prefixes.add(prefix)
      last = prefix
    }

    return set
  }

  get size (): number {
    return this.prefixes.size
  }

  has (vote: VoteKey): boolean {
    return this.prefixes.has(prefixOf(vote))
  }

  add (vote: VoteKey): void {
    this.prefixes.add(prefixOf(vote))
  }

  encode (): Uint8Array {
    return hexToBytes([...this.prefixes].sort().join(''))
  }
}

function prefixOf ({ voteOwner, vote }: VoteKey): string {
  return bytesToHex(sha256(concat([voteOwner, Uint8Array.of(vote ? 1 : 0)])).subarray(0, PREFIX_LENGTH))
}
