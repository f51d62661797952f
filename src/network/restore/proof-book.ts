/**
 * Remembers the highest proof of each voter in a scope, also after its peer is gone and the proof has expired. Given back to the
 * voter's node, it tells that the node was restored from an older copy.
 *
 * A node that was restored may show a higher proof than the one that tells so. Which of the two is of an older copy only the node
 * can tell, so a proof is kept until the node has taken it in.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { compareProofs, MAX_HELD_PROOFS } from '../../consensus/proofs/member-proof.ts'
import type { OwnLocks } from './own-locks.ts'
import type { HeldProof, MemberProof } from '../../consensus/proofs/member-proof.ts'
import type { PolicyStorage } from '../../consensus/storage/interface.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { Logger } from '@libp2p/interface'

export interface ProofBookInit {
  storage: PolicyStorage
  locks: OwnLocks
  log: Logger
  /** Keeps in mind what is under way */
  track (task: Promise<void>): void
}

export class ProofBook {
  private readonly init: ProofBookInit
  /** By scope, then by lower-case hex of the voter's identity; of one voter the highest first */
  private readonly scopes = new WeakMap<JoinedScope, Map<string, HeldProof[]>>()
  /** Proofs that arrive while the stored ones of their scope are being read: stored at once, they would replace them */
  private readonly loading = new WeakMap<JoinedScope, HeldProof[]>()

  constructor (init: ProofBookInit) {
    this.init = init
  }

  /** Reads what is stored. Resolves when it is known; what goes wrong is logged. */
  async enter (scope: JoinedScope): Promise<void> {
    const book = new Map<string, HeldProof[]>()
    const waiting: HeldProof[] = []

    this.scopes.set(scope, book)
    this.loading.set(scope, waiting)

    try {
      for (const held of await this.init.storage.listHeldProofs(scope.key)) {
        const voter = bytesToHex(held.proof.voter)

        // those of a voter come as they were stored, the highest first
        book.set(voter, [...book.get(voter) ?? [], held])
      }
    } catch (err) {
      this.init.log.error('could not read what the voters in scope %s have proven - %e', scope.name, err)
    }

    this.loading.delete(scope)
    waiting.forEach(proof => { this.add(scope, proof) })
  }

  /** Stores a valid proof of a voter if it is at least as high as the stored ones, and none of them */
  add (scope: JoinedScope, proof: HeldProof): void {
    const waiting = this.loading.get(scope)

    if (waiting != null) {
      waiting.push(proof)

      return
    }

    const book = this.scopes.get(scope)
    const kept = book == null || scope.signal.aborted ? undefined : keep(book, proof)

    if (kept != null) {
      this.save(scope, proof.proof.voter, kept)
    }
  }

  /** What the node of a voter that has shown a proof is to be given back: what it may not know of, or the highest if it knows all */
  toGiveBack (scope: JoinedScope, { voter, mark }: MemberProof): HeldProof[] {
    // a node that is given nothing back does not take this member for asked
    if (this.loading.has(scope)) {
      return []
    }

    const proofs = this.scopes.get(scope)?.get(bytesToHex(voter)) ?? []
    const others = proofs.filter(({ proof }) => !equals(proof.mark, mark))

    return others.length === 0 ? proofs.slice(0, 1) : others
  }

  /** Call when the node of a voter has taken in what it was given back: only the highest may tell something new later */
  onTaken (scope: JoinedScope, voter: Uint8Array, marks: Uint8Array[]): void {
    const book = this.scopes.get(scope)
    const before = book?.get(bytesToHex(voter)) ?? []
    const kept = before.filter(({ proof }, index) => index === 0 || !marks.some(mark => equals(mark, proof.mark)))

    if (kept.length < before.length) {
      book?.set(bytesToHex(voter), kept)
      this.save(scope, voter, kept)
    }
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

  private save ({ key, name }: JoinedScope, voter: Uint8Array, proofs: HeldProof[]): void {
    const { storage, log, track } = this.init

    track(storage.saveHeldProofs(key, voter, proofs).catch(err => {
      log.error('could not store what a voter in scope %s has proven - %e', name, err)
    }))
  }
}

/** The proofs of the voter that are kept now, or undefined if this one tells nothing */
function keep (book: Map<string, HeldProof[]>, named: HeldProof): HeldProof[] | undefined {
  const { proof } = named
  const voter = bytesToHex(proof.voter)
  const before = book.get(voter) ?? []

  if (before.length > 0 && (proof.count < before[0].proof.count || before.some(({ proof: { mark } }) => equals(mark, proof.mark)))) {
    return
  }

  const kept = [...before, named].sort((a, b) => compareProofs(b.proof, a.proof))

  // those that are left are of the copy that was used last, and of the one that was used before it
  if (kept.length > MAX_HELD_PROOFS) {
    kept.splice(MAX_HELD_PROOFS / 2, 1)
  }

  book.set(voter, kept)

  return kept
}
