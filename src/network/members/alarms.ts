/**
 * Keys that are in use where they should not be. Two nodes of one voter are a mistake, not a standby: they do not know of each
 * other's locks, so that the voter may sign both yes and no. It is an alarm at both, and a warning at the other members. So it is
 * with two nodes of one peer id, which the other members take for one.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { voterNames } from '../../consensus/policy/voter-names.ts'
import { toleranceOf } from '../../consensus/rules/decision.ts'
import type { MemberProof } from '../../consensus/proofs/member-proof.ts'
import type { KeyAlarm, MemberWarning } from '../interface.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { NoticeBudget } from '../sync/notice-budget.ts'
import type { Logger, PeerId } from '@libp2p/interface'

/** Alarms that are kept: after the first an operator has to look for the other nodes */
const MAX_ALARMS = 20

export interface MemberAlarmsInit {
  /** Identity of this node's own key, if it has one */
  identity?: Uint8Array
  peerId: PeerId
  /** Unix seconds */
  clock (): bigint
  /** So that the same warning comes once in a while */
  notices: NoticeBudget
  log: Logger
  onAlarm (alarm: KeyAlarm): void
  onWarning (warning: MemberWarning): void
}

export class MemberAlarms {
  private readonly init: MemberAlarmsInit
  private readonly alarms = new Map<string, KeyAlarm>()

  constructor (init: MemberAlarmsInit) {
    this.init = init
  }

  /** How many alarms there are */
  get size (): number {
    return this.alarms.size
  }

  /** The alarms since the process began, the latest last */
  list (): KeyAlarm[] {
    return [...this.alarms.values()]
  }

  /** Call after a peer has proven a voter's key */
  onProven (scope: JoinedScope, peer: PeerId, { voter }: MemberProof): void {
    if (this.init.identity != null && equals(voter, this.init.identity)) {
      this.onOwnVoter(scope, `${peer}`)
    } else {
      this.checkNodes(scope, peer, `0x${bytesToHex(voter)}`)
      this.checkVoters(scope, peer, `0x${bytesToHex(voter)}`)
    }
  }

  /**
   * Call when a current proof of our own voter names another peer than this node
   *
   * @param peer - its peer id, as text
   */
  onOwnVoter (scope: JoinedScope, peer: string): void {
    if (peer !== `${this.init.peerId}`) {
      this.raise({ kind: 'voter', scope: scope.name, peer, reason: `peer ${peer} has proven in scope ${scope.name} that it has this node's voter key: two nodes with one key may vote both yes and no, so stop one of them` })
    }
  }

  /**
   * Call when another process has proven this node's own peer id: it runs with a copy of the same key
   *
   * @param where - the address of the other process, or the scope in which it has proven that
   */
  onOwnPeer (where: Pick<KeyAlarm, 'address' | 'scope'>): void {
    const { address, scope } = where

    this.raise({
      kind: 'peer',
      ...where,
      peer: `${this.init.peerId}`,
      reason: `another node runs with a copy of this node's keys: it has proven this node's peer id ${address == null ? `to members of scope ${scope}` : `at ${address}`}. Peers take both for one, so that messages are lost, and the voter may vote both yes and no. Stop one of the two, and start it again with an empty data directory: it makes keys of its own`
    })
  }

  private raise (found: Omit<KeyAlarm, 'since'>): void {
    const { clock, log, onAlarm } = this.init
    const key = `${found.kind} ${found.scope} ${found.peer}`

    // the other end of a connection has another port each time
    if (this.alarms.has(key) || this.alarms.size >= MAX_ALARMS) {
      return
    }

    const alarm = { ...found, since: clock() }

    this.alarms.set(key, alarm)
    log.error(alarm.reason)
    onAlarm(alarm)
  }

  private checkNodes (scope: JoinedScope, peer: PeerId, voter: string): void {
    const others = scope.members.proven().filter(proven => proven.voter === voter && !proven.peer.equals(peer))

    if (others.length > 0) {
      this.warn({ scope: scope.name, peer, voter, kind: 'two-nodes', reason: `voter ${describe(scope, voter)} has ${others.length + 1} nodes in scope ${scope.name}: ${[peer, ...others.map(({ peer }) => peer)].join(', ')}. One of them counts; its owner should stop the others` })
    }
  }

  private checkVoters (scope: JoinedScope, peer: PeerId, voter: string): void {
    const { policy, voters } = scope
    const tolerance = policy.decisionRule === 'quorum' ? toleranceOf(voters?.size ?? 0, policy.threshold) : 0
    const proven = scope.members.proven().filter(proven => proven.peer.equals(peer)).length

    if (proven > Math.max(1, tolerance)) {
      this.warn({ scope: scope.name, peer, voter, kind: 'many-voters', reason: `peer ${peer} has proven the keys of ${proven} voters in scope ${scope.name}, more than may fail together: whoever holds that machine holds their votes` })
    }
  }

  private warn (warning: MemberWarning): void {
    const { notices, log, onWarning } = this.init

    if (notices.isNew(warning.peer, `${warning.kind} ${warning.scope} ${warning.voter}`)) {
      log.error(warning.reason)
      onWarning(warning)
    }
  }
}

/** A voter by address, and by name where the policy has one */
function describe ({ policy }: JoinedScope, voter: string): string {
  const name = voterNames(policy)(voter)

  return name == null ? voter : `${name} (${voter})`
}
