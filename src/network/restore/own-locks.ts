/**
 * The vote locks of this node's key as a whole: whether they can be used, and whether they, or all of this node, were restored
 * from an older copy. Then what the key has signed may be known to others only.
 *
 * The counter is read anew whenever it matters: other processes with this key may share the locks.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { isOfOtherLocks } from '../../consensus/vote/lock-counter.ts'
import { KeyedMutex } from '../../util/keyed-mutex.ts'
import type { MemberClaim } from '../../consensus/proofs/member-proof.ts'
import type { PolicyStorage } from '../../consensus/storage/interface.ts'
import type { LockCounter } from '../../consensus/vote/lock-counter.ts'
import type { VoteLock } from '../../consensus/vote/vote-lock.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { OwnLocksState } from '../interface.ts'
import type { Logger } from '@libp2p/interface'

/** How long a restore is shown, in seconds: no proposal is open for longer */
const SHOWN_SECONDS = 30n * 24n * 60n * 60n

/** Milliseconds after which locks that could not be used are tried again */
const RETRY_DELAY = 10_000

const NO_BYTES = new Uint8Array(0)

/** What is known of the last restore */
export interface Restored {
  /** Unix seconds */
  restoredAt: bigint
  /** When this process learned of it, milliseconds of the monotonic clock */
  learnedAt: number
}

export interface OwnLocksInit {
  voteLock: VoteLock
  storage: PolicyStorage
  /** Of this node's key; nothing is to be done without */
  identity?: Uint8Array
  /** Unix seconds */
  clock (): bigint
  /** Milliseconds of a clock that is never set */
  monotonic (): number
  log: Logger
  /** This node was restored; the reason is in words */
  onRestored (restoredAt: bigint, reason: string): void
  /** Keeps in mind what is under way */
  track (task: Promise<void>): void
  /** This node signs nothing from now on, for this reason; without one it does again */
  onProblem (problem?: string): void
}

export class OwnLocks {
  private readonly init: OwnLocksInit
  private readonly mutex = new KeyedMutex()
  /** The counter as it was last read or raised */
  private known?: LockCounter
  private ready = false
  private failure?: Error
  /** When this process learned of the last restore, milliseconds of the monotonic clock */
  private learnedAt = -Infinity
  /** A restore that was found and could not be stored yet */
  private due?: { reason: string, above?: bigint }
  private retry?: ReturnType<typeof setTimeout>

  constructor (init: OwnLocksInit) {
    this.init = init
  }

  get state (): OwnLocksState {
    const { restoredAt } = this.known ?? {}

    return {
      ...this.failure == null ? {} : { problem: this.failure.message },
      ...restoredAt == null || this.init.clock() >= restoredAt + SHOWN_SECONDS ? {} : { restoredAt }
    }
  }

  /**
   * Raises the counter, and finds out whether this node was restored. What goes wrong is reported, not thrown, and tried again.
   */
  async start (): Promise<void> {
    this.ready = false
    await this.check().catch(() => {
      // it has been reported, and whoever wants to sign tries again
    })
  }

  /**
   * When this node last found that it was restored; undefined if it never was
   *
   * @throws {Error} what keeps the locks from being used: nothing may be signed
   */
  async check (): Promise<Restored | undefined> {
    const { identity, voteLock } = this.init

    if (identity == null || voteLock.counter == null || voteLock.raise == null) {
      return
    }

    return this.run(async () => {
      const counter = await voteLock.counter?.(identity)

      if (!this.ready || counter == null || !equals(counter.id, this.known?.id ?? NO_BYTES)) {
        await this.begin(identity, counter)
      } else if (this.known != null && isOfOtherLocks(this.known, counter)) {
        await this.found(identity, 'the vote locks were replaced by an older copy while this node ran', this.known.count)
      } else {
        this.update(counter)
      }

      return this.known?.restoredAt == null ? undefined : { restoredAt: this.known.restoredAt, learnedAt: this.learnedAt }
    })
  }

  stop (): void {
    clearTimeout(this.retry)
    this.retry = undefined
  }

  /** Whether a claim of our own key tells something that the locks, as they were last read, do not know. Later reads know more. */
  isNews ({ count, mark }: Pick<MemberClaim, 'count' | 'mark'>): boolean {
    return this.known == null || isOfOtherLocks({ count, mark }, this.known)
  }

  /** Takes in a claim that our own key has signed, whenever that was. Resolves with whether it was news, or undefined if that could not be found out. */
  async compare (claim: Pick<MemberClaim, 'count' | 'mark'>): Promise<boolean | undefined> {
    const { identity, voteLock } = this.init

    if (identity == null || voteLock.counter == null) {
      return false
    }

    return this.run(async () => {
      const counter = await voteLock.counter?.(identity)
      const isNews = counter != null && isOfOtherLocks(claim, counter)

      if (isNews) {
        this.update(counter)
        await this.found(identity, `a member has a proof by this key that names ${claim.count > counter.count ? `${claim.count} as the count of its vote locks, which is ${counter.count} here` : `a mark for count ${claim.count} of its vote locks that was never theirs here`}: the locks are an older copy, or another node uses the key`, claim.count)
      }

      return isNews
    }).catch(() => {
      // it has been reported, and is found again when the next member says so
      return undefined
    })
  }

  /**
   * Call when a valid vote of our own key arrives that the locks know nothing of. One that is older than the last restore tells
   * nothing new: the proposals from before are guarded, and what was asked about them counts on.
   */
  async onUnknownVote ({ timestamp }: Pick<Vote, 'timestamp'>): Promise<void> {
    const { identity, voteLock } = this.init

    if (identity != null && voteLock.raise != null) {
      await this.run(async () => {
        const { restoredAt = -1n } = await voteLock.counter?.(identity) ?? {}

        if (timestamp > restoredAt) {
          await this.found(identity, 'a vote by this key arrived that its vote locks know nothing of')
        }
      }).catch(() => {
        // it has been reported; the vote itself is a lock now
      })
    }
  }

  private async begin (identity: Uint8Array, counter?: LockCounter): Promise<void> {
    const { voteLock, storage } = this.init
    const { place: at } = voteLock
    const id = await storage.getLocksId(identity)

    if (this.due != null) {
      await this.found(identity, this.due.reason, this.due.above)
    } else if (counter == null) {
      await this.found(identity, id == null ? 'its key was not made here, and is used here for the first time' : `the vote locks that its store was used with are gone${at == null ? '' : `: there are none in ${at}`}`)
    } else if (id != null && !equals(id, counter.id)) {
      await this.found(identity, `its store was used with other vote locks than those ${at == null ? 'that are here' : `in ${at}`}`)
    } else {
      const raised = await voteLock.raise?.(identity)

      if (raised != null) {
        this.update(raised)
      }
    }

    const { known } = this

    if (known != null && (id == null || !equals(id, known.id))) {
      await storage.saveLocksId(identity, known.id)
    }

    this.ready = true
  }

  /** Another process with this key may have found that it was restored */
  private update (counter: LockCounter): void {
    if ((counter.restoredAt ?? 0n) > (this.known?.restoredAt ?? 0n)) {
      this.learnedAt = this.init.monotonic()
    }

    this.known = counter
  }

  private async found (identity: Uint8Array, reason: string, above?: bigint): Promise<void> {
    const { voteLock, clock, monotonic, log, onRestored } = this.init
    const restoredAt = clock()

    // where it cannot be stored now it is once the locks can be used
    this.due = { reason, above }
    // syncs that began before do not count
    this.learnedAt = monotonic()
    this.known = await voteLock.raise?.(identity, { restoredAt, above })
    this.due = undefined
    log.error('0x%s was restored: %s. What it has signed before %d may be known to other members only', bytesToHex(identity), reason, restoredAt)
    onRestored(restoredAt, reason)
  }

  /** One after the other; what goes wrong is reported once until the locks can be used */
  private async run <T> (task: () => Promise<T>): Promise<T> {
    return this.mutex.run('locks', async () => {
      try {
        const result = await task()

        if (this.failure != null && this.ready) {
          this.failure = undefined
          this.init.onProblem()
        }

        return result
      } catch (err: any) {
        this.onFailure(err)
        throw err
      }
    })
  }

  private onFailure (err: Error): void {
    const { log, onProblem } = this.init

    if (this.failure?.message !== err.message) {
      log.error('nothing is signed - %e', err)
      onProblem(err.message)
    }

    this.ready = false
    this.failure = err
    clearTimeout(this.retry)
    this.retry = setTimeout(() => { this.init.track(this.start()) }, RETRY_DELAY)
    ;(this.retry as { unref? (): void }).unref?.()
  }
}
