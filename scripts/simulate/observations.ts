/**
 * What one honest node has shown to whoever asked or listened, signed, and said of others. Outlives its processes.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { toString } from 'uint8arrays/to-string'
import { decodeVote } from '../../src/consensus/index.ts'
import { numberOf } from './scheme.ts'
import type { SessionState } from '../../src/consensus/index.ts'

/** How a proposal stands, as a node shows it */
export interface Standing {
  state: SessionState
  result?: boolean
  contradicted?: boolean
}

export interface Shown extends Standing {
  /** Milliseconds from the beginning */
  at: number
  /** In what: an event, or the answer to a call */
  via: string
  /** Who had voted what, as far as the node knew then */
  yes: number[]
  no: number[]
}

/** That a node has named voters as having voted both ways */
export interface Naming {
  at: number
  via: string
  owners: number[]
  /** Whether they were named as those whom two opposite quorums have in common */
  ofQuorums: boolean
}

export class Observations {
  readonly shown: Shown[] = []
  readonly named: Naming[] = []
  /** Messages of honest nodes that were rejected, and honest nodes that were said to be at fault in a sync */
  readonly wronged: string[] = []
  /** What went wrong though it should not */
  readonly errors: string[] = []
  /** Vote hash → what was signed: yes or no */
  readonly signed = new Map<string, boolean>()
  /** Who is known to have voted what */
  readonly yes = new Set<number>()
  readonly no = new Set<number>()

  onVote (owner: Uint8Array, choice: boolean): void {
    (choice ? this.yes : this.no).add(numberOf(owner))
  }

  /** A loss of power may have taken votes away */
  forgetVotes (): void {
    this.yes.clear()
    this.no.clear()
  }

  onShown (at: number, via: string, { state, result, contradicted }: Standing): void {
    this.shown.push({ at, via, state, result, contradicted, yes: [...this.yes], no: [...this.no] })
  }

  onNamed (at: number, via: string, owners: Uint8Array[], ofQuorums = false): void {
    this.named.push({ at, via, owners: owners.map(numberOf), ofQuorums })
  }

  /** @param payload - a vote without its signature, or the digest of a proposal */
  onSigned (payload: Uint8Array): void {
    // neither a proposal nor a member proof
    if (payload.byteLength !== DIGEST_LENGTH && !toString(payload).startsWith('libp2p-voting member\n')) {
      const { voteHash, vote } = decodeVote(payload)

      this.signed.set(bytesToHex(voteHash), vote)
    }
  }

  /** How the proposal stood when it was last shown as ended */
  get outcome (): Shown | undefined {
    return this.shown.findLast(({ state }) => state === 'reached') ?? this.shown.findLast(({ state }) => state !== 'active')
  }
}

const DIGEST_LENGTH = 32
