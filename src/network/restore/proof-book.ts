/**
 * Remembers the highest proof of each voter in a scope, also after its peer is gone and the proof has expired. Given back to the
 * voter's node, it tells that the node was restored from an older copy.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { compareProofs } from '../../consensus/member-proof.ts'
import type { OwnLocks } from './own-locks.ts'
import type { HeldProof, MemberProof } from '../../consensus/member-proof.ts'
import type { PolicyStorage } from '../../consensus/storage.ts'
import type { JoinedScope } from '../scope.ts'
import type { Logger } from '@libp2p/interface'

/** Proofs of one voter with the same count: two tell as much as more */
const MAX_PROOFS = 2

export interface ProofBookInit {
  storage: PolicyStorage
  locks: OwnLocks
  log: Logger
  /** Keeps in mind what is under way */
  track (task: Promise<void>): void
}

export class ProofBook {
  private readonly init: ProofBookInit
  /** By scope, then by lower-case hex of the voter's identity; of one voter those with the highest count */
  private readonly scopes = new Map<string, Map<string, HeldProof[]>>()
  /** Proofs that arrive while the stored ones of their scope are being read: stored at once, they would replace them */
  private readonly loading = new Map<string, HeldProof[]>()

  constructor (init: ProofBookInit) {
    this.init = init
  }

  /** Reads what is stored. Resolves when it is known; what goes wrong is logged. */
  async enter (scope: JoinedScope): Promise<void> {
    const book = new Map<string, HeldProof[]>()

    const waiting: HeldProof[] = []

    this.scopes.set(scope.key, book)
    this.loading.set(scope.key, waiting)

    try {
      for (const proof of await this.init.storage.listHeldProofs(scope.key)) {
        keep(book, proof)
      }
    } catch (err) {
      this.init.log.error('could not read what the voters in scope %s have proven - %e', scope.name, err)
    }

    // the scope may have been left meanwhile, and be entered again
    if (this.loading.get(scope.key) === waiting) {
      this.loading.delete(scope.key)
      waiting.forEach(proof => { this.add(scope, proof) })
    }
  }

  leave ({ key }: JoinedScope): void {
    this.scopes.delete(key)
    this.loading.delete(key)
  }

  /** Stores a valid proof of a voter, if it is higher than what is stored, or as high and another one */
  add (scope: JoinedScope, proof: HeldProof): void {
    const { storage, log, track } = this.init
    const waiting = this.loading.get(scope.key)

    if (waiting != null) {
      waiting.push(proof)

      return
    }

    const book = this.scopes.get(scope.key)
    const kept = book == null ? undefined : keep(book, proof)

    if (kept != null) {
      track(storage.saveHeldProofs(scope.key, proof.proof.voter, kept).catch(err => {
        log.error('could not store what a voter in scope %s has proven - %e', scope.name, err)
      }))
    }
  }

  /** What a voter that shows a proof is to be given back: one that it may not know of, if there is any */
  highest ({ key }: JoinedScope, voter: Uint8Array, shown?: MemberProof): HeldProof | undefined {
    // a node that is given nothing back does not take this member for asked
    if (this.loading.has(key)) {
      return
    }

    const proofs = this.scopes.get(key)?.get(bytesToHex(voter)) ?? []

    return proofs.find(({ proof }) => shown == null || !equals(proof.mark, shown.mark)) ?? proofs[0]
  }

  /** Whether a proof that claims to be our own voter's would tell something about our locks. It is verified only then. */
  isNews (scope: JoinedScope, proof: MemberProof): boolean {
    return this.init.locks.isNews(proof)
  }

  /**
   * Call with a proof that our own voter has signed, expired or not, which a peer has given back. Resolves with whether it told
   * anything new, or undefined if that could not be found out.
   */
  async onOwn (scope: JoinedScope, { proof }: HeldProof): Promise<boolean | undefined> {
    return this.init.locks.compare(proof)
  }
}

/** The proofs of the voter that are kept now, or undefined if this one tells nothing */
function keep (book: Map<string, HeldProof[]>, named: HeldProof): HeldProof[] | undefined {
  const { proof } = named
  const voter = bytesToHex(proof.voter)
  const before = book.get(voter) ?? []
  const [highest] = before

  if (highest != null && (proof.count < highest.proof.count || (proof.count === highest.proof.count && (before.length === MAX_PROOFS || before.some(({ proof: { mark } }) => equals(mark, proof.mark)))))) {
    return
  }

  const kept = highest?.proof.count === proof.count ? [...before, named] : [named]

  book.set(voter, kept.sort((a, b) => compareProofs(b.proof, a.proof)))

  return kept
}
