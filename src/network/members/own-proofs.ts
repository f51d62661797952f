/**
 * This node's own proofs that it is a voter's, one for each scope in which its key may vote. They are made again when two thirds
 * of their time are over, and when the voter's locks have changed.
 */

import { randomBytes } from '@noble/hashes/utils.js'
import { isCurrent, signMemberProof } from '../../consensus/proofs/member-proof.ts'
import { LOCK_MARK_LENGTH } from '../../consensus/vote/lock-counter.ts'
import { inTime } from '../../util/in-time.ts'
import type { MemberProof } from '../../consensus/proofs/member-proof.ts'
import type { ConsensusSigner } from '../../consensus/signing.ts'
import type { LockCounter } from '../../consensus/vote/lock-counter.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { Logger, PeerId } from '@libp2p/interface'

/** How long a proof of a key is valid, in seconds */
const PROOF_SECONDS = 24n * 60n * 60n

/** A hello or a vote waits this long for a proof that is being made, in milliseconds */
const PATIENCE = 500

/** After peers were given a proof they verify no other for a minute, in milliseconds */
const BRING_INTERVAL = 61_000

export interface OwnProofsInit {
  /** No proofs are made without */
  signer?: ConsensusSigner
  peerId: PeerId
  /** Unix seconds */
  clock (): bigint
  log: Logger
  /** What the voter's locks count; undefined where they do not count */
  locks (identity: Uint8Array): Promise<Pick<LockCounter, 'count' | 'mark'> | undefined>
  /** Called when the peers in a scope should get the proof, at most once a minute */
  onProof (scope: JoinedScope): void
  /** Remembers what is under way */
  track (task: Promise<void>): void
}

interface Own {
  scope: JoinedScope
  proof?: MemberProof
  making?: Promise<void>
  /** Whether a hello went out without the proof that is being made */
  isLate: boolean
  /** Set for a minute after the peers were given a proof */
  pause?: ReturnType<typeof setTimeout>
  /** Whether a proof was made in this minute */
  isWaiting: boolean
}

export class OwnProofs {
  private readonly init: OwnProofsInit
  private readonly scopes = new Map<string, Own>()
  /** Where the locks do not count */
  private readonly uncounted: Pick<LockCounter, 'count' | 'mark'> = { count: 0n, mark: randomBytes(LOCK_MARK_LENGTH) }

  constructor (init: OwnProofsInit) {
    this.init = init
  }

  /** Makes a proof where our key is a listed voter, and keeps it current until the scope is left */
  enter (scope: JoinedScope): void {
    if (this.init.signer != null && scope.mayVote && !scope.open) {
      const own: Own = { scope, isLate: false, isWaiting: false }

      this.scopes.set(scope.key, own)
      scope.signal.addEventListener('abort', () => {
        clearTimeout(own.pause)
        this.scopes.delete(scope.key)
      }, { once: true })
      this.begin(own)
    }
  }

  /**
   * Makes new proofs after a change of the voter's locks. Resolves when they are made, or could not be, or the signer is slow. They
   * go out with the next syncs: if each vote began syncs with all peers, n voters would begin n² for each proposal.
   */
  async changed (): Promise<void> {
    const made = Promise.all([...this.scopes.values()].map(async own => {
      // the proof that is being made may have the count from before
      await own.making
      await this.begin(own)
    }))

    await inTime(made, PATIENCE)
  }

  /** As {@link changed}, and begins syncs that bring the proofs to the peers now */
  async bringChanged (): Promise<void> {
    await this.changed()
    this.scopes.forEach(own => { this.bring(own) })
  }

  /** The proof for a scope, undefined if there is none (yet) */
  async of (scope: JoinedScope): Promise<MemberProof | undefined> {
    const own = this.scopes.get(scope.key)

    if (own == null) {
      return
    }

    if (this.isDue(own)) {
      this.begin(own)
    }

    if (own.making != null) {
      await inTime(own.making, PATIENCE)
      own.isLate ||= own.making != null
    }

    return own.proof != null && isCurrent(own.proof, this.init.clock(), 0) ? own.proof : undefined
  }

  private isDue ({ proof }: Own): boolean {
    const now = this.init.clock()

    // a clock that was set back is ahead of the others' no more
    return proof == null || now < proof.issued || now >= proof.issued + PROOF_SECONDS * 2n / 3n
  }

  private async begin (own: Own): Promise<void> {
    own.making ??= this.make(own).finally(() => { own.making = undefined })
    this.init.track(own.making)

    return own.making
  }

  private async make (own: Own): Promise<void> {
    const { signer, peerId, clock, log, locks } = this.init
    const { scope } = own

    if (signer == null) {
      return
    }

    try {
      const { count, mark } = await locks(signer.identity) ?? this.uncounted
      const issued = clock()

      own.proof = await signMemberProof(signer, { scope: scope.name, digest: scope.digest, peer: `${peerId}` }, { issued, expires: issued + PROOF_SECONDS, count, mark })

      if (own.isLate) {
        own.isLate = false
        this.bring(own)
      }
    } catch (err) {
      log.error('could not prove in scope %s that this node is a voter\'s, so that others take it for a stranger - %e', scope.name, err)
    }
  }

  private bring (own: Own): void {
    own.isWaiting = own.pause != null

    if (own.isWaiting || this.scopes.get(own.scope.key) !== own) {
      return
    }

    this.init.onProof(own.scope)
    own.pause = setTimeout(() => {
      own.pause = undefined

      if (own.isWaiting) {
        this.bring(own)
      }
    }, BRING_INTERVAL)
  }
}
