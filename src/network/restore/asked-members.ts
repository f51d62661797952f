/**
 * Remembers whom this node has asked, by syncs, what its key has voted: the voters whose members have completed one, and when
 * it began.
 */

import type { JoinedScope } from '../scope/scope.ts'
import type { PeerId } from '@libp2p/interface'

/** A sync that both sides have been through */
export interface CompletedSync {
  scope: JoinedScope
  peer: PeerId
  /** When it began, milliseconds of the monotonic clock */
  begun: number
  /** Whether the peer has said what our own key has proven to it, as an honest member does, and this node took that into account */
  told: boolean
  /** Digests in hex of the proposals of which the peer may know votes that the sync has not brought */
  untold: ReadonlySet<string>
}

type Asked = Pick<CompletedSync, 'begun' | 'untold'>

interface ScopeAsked {
  /** Lower-case address of a voter → the last sync with its member */
  voters: Map<string, Asked>
  /** When the last sync with any peer began */
  anybody: number
}

export class AskedMembers {
  /** How many syncs were completed */
  completed = 0
  private readonly scopes = new WeakMap<JoinedScope, ScopeAsked>()
  private readonly observers = new Set<() => void>()

  add ({ scope, peer, begun, told, untold }: CompletedSync): void {
    const asked = this.scopes.get(scope) ?? { voters: new Map<string, Asked>(), anybody: -Infinity }

    this.completed++
    this.scopes.set(scope, asked)
    asked.anybody = Math.max(asked.anybody, begun)

    if (told) {
      scope.members.votersOf(peer).forEach(voter => { asked.voters.set(voter, { begun, untold }) })
    }

    this.observers.forEach(observer => { observer() })
  }

  /**
   * Returns the other voters whose members were asked by a sync that began after a moment
   *
   * @param after - milliseconds of the monotonic clock
   * @param digest - a proposal of which the members must have told all votes that they know, in hex
   */
  voters (scope: JoinedScope, after: number, digest?: string): string[] {
    return [...this.scopes.get(scope)?.voters ?? []]
      .filter(([, { begun, untold }]) => begun > after && (digest == null || !untold.has(digest)))
      .map(([voter]) => voter)
  }

  /** Whether any peer was asked by a sync that began after a moment */
  anybody (scope: JoinedScope, after: number): boolean {
    return (this.scopes.get(scope)?.anybody ?? -Infinity) > after
  }

  /** Calls an observer after each sync that was added. Returns what ends that. */
  observe (observer: () => void): () => void {
    this.observers.add(observer)

    return () => { this.observers.delete(observer) }
  }
}
