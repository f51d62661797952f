/**
 * Keeps this node from voting where its key may have voted already and others know it, not we: on proposals that are older than
 * this process, or than the last time that this node was restored. Asking is a sync that began since then.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { announcementDigest } from '../../consensus/policy/policy.ts'
import { voterNames } from '../../consensus/policy/voter-names.ts'
import { quorumOf } from '../../consensus/rules/decision.ts'
import { BoundedMap } from '../../util/bounded.ts'
import { NotSyncedError } from '../errors.ts'
import type { AskedMembers } from './asked-members.ts'
import type { ClockWatch } from './clock-watch.ts'
import type { OwnLocks, Restored } from './own-locks.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { VoteOptions } from '../interface.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { Sync } from '../sync/index.ts'

/** Voters that a message names */
const MAX_NAMED = 10

/** Proposals of our own that are remembered to be new */
const MAX_MADE = 1_000

export interface VoteGuardInit {
  /** This node's own, which is not asked */
  identity?: Uint8Array
  locks: OwnLocks
  asked: AskedMembers
  clocks: ClockWatch
  sync: Pick<Sync, 'request'>
  /** Milliseconds of a clock that is never set */
  monotonic (): number
  /** Milliseconds that asking may take */
  syncWait: number
}

/** What keeps this node from voting */
export interface Unasked {
  /** In words */
  reason: string
  /** Since when others have to be asked, milliseconds of the monotonic clock; undefined where no answer can change it */
  since?: number
  /** Whether the members that are connected now are enough: their answers lift it */
  isAskable: boolean
}

type Session = Pick<ConsensusSession, 'proposal' | 'voteCount' | 'voterCount'>

export class VoteGuard {
  private readonly init: VoteGuardInit
  /** Proposals that this process has made itself, and when, milliseconds of the monotonic clock */
  private readonly made = new BoundedMap<string, number>(MAX_MADE)

  constructor (init: VoteGuardInit) {
    this.init = init
  }

  /** Call before a proposal of our own is known to anybody */
  onMade (scope: JoinedScope, proposalId: number): void {
    this.made.set(`${scope.key}#${proposalId}`, this.init.monotonic())
  }

  /**
   * Resolves as soon as this node is bound on a proposal, or others were asked who have to be
   *
   * @param isBound - whether the key is bound on the proposal, which it is once a vote of its own arrives
   * @throws {NotSyncedError} if they could not be asked
   * @throws {Error} what keeps the vote locks from being used
   */
  async check (scope: JoinedScope, session: Session, isBound: () => Promise<boolean>, { force, signal }: VoteOptions): Promise<void> {
    let unasked = await this.unasked(scope, session)

    if (unasked == null || force === true || await isBound()) {
      return
    }

    const { asked, sync, syncWait } = this.init
    const patience = AbortSignal.timeout(syncWait)
    const ended = AbortSignal.any([patience, scope.signal, ...signal == null ? [] : [signal]])

    sync.request(scope, undefined, { urgent: true })

    // where no peer is there one may come any time, or never
    while (unasked.since != null && scope.peers.length > 0 && !ended.aborted) {
      const { since } = unasked
      const changed = nextChange(asked, ended)
      const answered = asked.voters(scope, since)

      // a sync that began before tells nothing, and another is asked for then
      scope.members.connected()
        .filter(({ voter }) => !answered.includes(voter))
        .forEach(({ peer }) => { sync.request(scope, peer, { urgent: true }) })
      await changed
      unasked = await this.unasked(scope, session)

      if (unasked == null || await isBound()) {
        return
      }
    }

    signal?.throwIfAborted()
    scope.signal.throwIfAborted()

    throw new NotSyncedError(unasked.reason)
  }

  /** What keeps this node from voting on a proposal on which it is not bound yet; undefined if nothing does */
  async unasked (scope: JoinedScope, session: Session): Promise<Unasked | undefined> {
    const restored = await this.restored()

    const unasked = restored != null && this.isBefore(scope, session, { wall: restored.restoredAt, at: restored.learnedAt })
      ? this.sinceRestore(scope, session, restored)
      : undefined

    return unasked ?? this.sinceStart(scope, session)
  }

  /** The last restore, with all that the syncs have told that are completed now */
  private async restored (): Promise<Restored | undefined> {
    const { locks, asked } = this.init

    for (;;) {
      const { completed } = asked
      const restored = await locks.check()

      if (asked.completed === completed) {
        return restored
      }
    }
  }

  /** A restored node asks so many that one of them knows of a vote that has counted */
  private sinceRestore (scope: JoinedScope, { proposal }: Session, { restoredAt, learnedAt }: Restored): Unasked | undefined {
    const voters = proposal.expectedVotersCount
    const begin = `This node was restored at ${timeOf(restoredAt)}, and its key may have voted on proposal ${proposal.proposalId} in scope "${scope.name}" before`
    const end = 'Vote with force only if you are sure that this key has not voted on it, for instance where too many are away for good'

    if (scope.open) {
      return { reason: `${begin}. In an open scope no member can be asked. ${end}`, isAskable: false }
    }

    if (voters === 1) {
      return { reason: `${begin}. It is the only voter, so that nobody can be asked. ${end}`, isAskable: false }
    }

    const needed = Math.min(quorumOf(voters, scope.policy.threshold), voters - 1)
    const answered = this.init.asked.voters(scope, learnedAt, bytesToHex(announcementDigest(scope.policy, proposal, scope.digest)))

    if (answered.length < needed) {
      return { reason: `${begin}. It votes once the nodes of ${needed} other voters have told what they know, in a sync since then; ${answered.length} ${answered.length === 1 ? 'has' : 'have'}${answered.length === 0 ? '' : `: ${namesOf(scope, answered)}`}. ${this.whoIsMissing(scope, answered)}. ${end}`, since: learnedAt, isAskable: new Set([...answered, ...connectedVoters(scope)]).size >= needed }
    }
  }

  /** What happened just before this process began is known to any member that was there */
  private sinceStart (scope: JoinedScope, session: Session): Unasked | undefined {
    const { asked, clocks } = this.init
    const { proposal, voterCount } = session
    const since = clocks.since(scope.policy.clockSkewSeconds)

    if (proposal.expectedVotersCount === 1 || !this.isBefore(scope, session, since)) {
      return
    }

    if (scope.open ? asked.anybody(scope, since.at) : asked.voters(scope, since.at).length > 0) {
      return
    }

    return {
      reason: `Proposal ${proposal.proposalId} in scope "${scope.name}" may be older than this process, which runs without a break since ${timeOf(since.wall)}, and no ${scope.open ? 'peer' : 'member'} has told since what this key has voted on it (${voterCount} votes are known here). ${this.whoIsMissing(scope, [])}. Connect to a member, or vote with force if you are sure that this key has not voted on it`,
      since: since.at,
      isAskable: scope.open ? scope.peers.length > 0 : connectedVoters(scope).length > 0
    }
  }

  /** Which peers have not answered, in words */
  private whoIsMissing (scope: JoinedScope, answered: string[]): string {
    const { identity } = this.init
    const connected = connectedVoters(scope)

    if (scope.peers.length === 0 && connected.length === 0) {
      return 'No peer is in the scope'
    }

    if (scope.open) {
      return `${scope.peers.length} connected, without an answer yet`
    }

    if (connected.length === 0) {
      return 'No peer here can be asked: none of those that are connected has proven that it is a voter\'s'
    }

    const own = identity == null ? undefined : `0x${bytesToHex(identity)}`
    const missing = (scope.policy.voters ?? []).map(({ address }) => address).filter(address => address !== own && !answered.includes(address))
    const parts: Array<[what: string, voters: string[]]> = [
      ['Connected, without an answer yet', missing.filter(address => connected.includes(address))],
      ['Not connected', missing.filter(address => !connected.includes(address))]
    ]

    return parts.filter(([, voters]) => voters.length > 0).map(([what, voters]) => `${what}: ${namesOf(scope, voters)}`).join('. ')
  }

  /** Whether a proposal may have been there before a moment, by our clock or by one that is ahead of it by the skew */
  private isBefore (scope: JoinedScope, { proposal: { proposalId, timestamp } }: Session, { wall, at }: { wall: bigint, at: number }): boolean {
    const made = this.made.get(`${scope.key}#${proposalId}`)

    return timestamp <= wall + BigInt(scope.policy.clockSkewSeconds) && !(made != null && made > at)
  }
}

/** Resolves after the next sync, or when a signal aborts */
async function nextChange (asked: AskedMembers, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = asked.observe(resolve)

  const onAbort = (): void => { resolve() }

  signal.addEventListener('abort', onAbort)

  try {
    await promise
  } finally {
    signal.removeEventListener('abort', onAbort)
    stop()
  }
}

function connectedVoters ({ members }: JoinedScope): string[] {
  return members.connected().map(({ voter }) => voter)
}

/** Voters by their names, by short addresses where they have none */
function namesOf ({ policy }: JoinedScope, voters: string[]): string {
  const nameOf = voterNames(policy)
  const names = voters.slice(0, MAX_NAMED).map(voter => nameOf(voter) ?? `${voter.slice(0, 6)}…${voter.slice(-4)}`)

  return `${names.join(', ')}${voters.length > MAX_NAMED ? ` and ${voters.length - MAX_NAMED} more` : ''}`
}

function timeOf (seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString()
}
