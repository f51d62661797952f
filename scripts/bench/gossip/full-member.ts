/**
 * A process with a whole node: gossip, validation, LevelDB and sync, as `libp2p-voting start` has it.
 */

import { join } from 'node:path'
import pWaitFor from 'p-wait-for'
import { scopeKey } from '../../../src/network/scope/scope.ts'
import { createNode } from '../../../src/node/index.ts'
import { readVote, takeInProposals, takeInVotes } from './core-alone.ts'
import { Counter } from './counter.ts'
import { fillFinished } from './filler.ts'
import { dialAll, publishAll, waitForMesh } from './host.ts'
import type { Scope, ScopePolicy } from '../../../src/index.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { Sync, SyncStats } from '../../../src/network/sync/sync.ts'
import type { VotingNode } from '../../../src/node/index.ts'
import type { GossipSigning } from '../../../src/node/interface.ts'

/** Milliseconds: at the very first sync of many proposals all votes are read */
const SYNCED_TIMEOUT = 300_000

export interface Started {
  addresses: string[]
  voter: string
}

export interface Memory {
  residentMiB: number
  peakMiB: number
}

export class FullMember {
  private node?: VotingNode
  private readonly stored = new Counter()

  async start (folder: string, signing: GossipSigning): Promise<Started> {
    this.node = await createNode({ dataDirectory: join(folder, 'data'), lockDirectory: join(folder, 'locks'), local: true, gossipSigning: signing })
    this.node.voting.addEventListener('voting:vote', () => { this.stored.count() })

    return { addresses: this.node.libp2p.getMultiaddrs().map(address => address.toString()), voter: this.node.voter }
  }

  async join (policy: ScopePolicy): Promise<string> {
    return (await this.running.voting.join(policy)).topic
  }

  async connect (addresses: string[]): Promise<void> {
    await dialAll(this.running.libp2p, addresses)
  }

  /** The mesh is there, and the syncs of those who meet are over */
  async waitForMesh (peers: number): Promise<void> {
    await waitForMesh(this.running.libp2p, this.scope.topic, peers)
    await this.sync.idle(this.scope)
  }

  /** Resolves with the moment before the first was sent */
  async publish (messages: Uint8Array[]): Promise<bigint> {
    return publishAll(this.running.libp2p, this.scope.topic, messages)
  }

  /** Takes in proposals and votes without gossip */
  async know (policy: ScopePolicy, announcements: Uint8Array[], messages: Uint8Array[] = []): Promise<void> {
    const { consensus } = this.running.voting

    await takeInProposals(consensus, policy, announcements)
    await takeInVotes(consensus, scopeKey(policy), messages.map(readVote))
  }

  /** Casts this node's vote, and resolves with the moment before */
  async vote (proposalId: number): Promise<bigint> {
    const begin = process.hrtime.bigint()

    await this.running.voting.vote(this.scope.name, proposalId, true)

    return begin
  }

  /** Resolves with the moment when so many votes had been stored since the start, however they came */
  async counted (count: number, timeout?: number): Promise<bigint | undefined> {
    return this.stored.reached(count, timeout)
  }

  /** Stores finished proposals that nobody has voted on really */
  async fill (policy: ScopePolicy, count: number): Promise<void> {
    await fillFinished(this.running.voting.consensus.storage, policy, count)
  }

  /** Once no sync is under way, whoever has begun it */
  async syncStats (): Promise<SyncStats> {
    await pWaitFor(async () => {
      await this.sync.idle(this.scope)

      return (this.sync as any).served.size === 0
    }, { interval: 5, timeout: SYNCED_TIMEOUT })

    return { ...this.sync.stats }
  }

  /** Resolves when so many syncs have come to an end that this node or another has begun, and none is under way */
  async synced (count: number): Promise<SyncStats> {
    await pWaitFor(() => this.sync.stats.completed + this.sync.stats.served >= count, { interval: 5, timeout: SYNCED_TIMEOUT })

    return this.syncStats()
  }

  /** Syncs with another, and resolves with the milliseconds it took and what has come and gone */
  async syncNow (): Promise<SyncStats & { ms: number }> {
    const before = await this.syncStats()
    const begin = performance.now()

    this.sync.request(this.scope)

    const after = await this.syncStats()
    const ms = performance.now() - begin
    const entries = Object.entries(after).map(([name, value]) => [name, value - before[name as keyof SyncStats]])

    return { ms, ...Object.fromEntries(entries) }
  }

  /** A hash of who has voted what on which proposals */
  async root (): Promise<string> {
    return (await (this.sync as any).index.summary(this.scope, 0)).root.join('.')
  }

  async memory (): Promise<Memory> {
    return { residentMiB: process.memoryUsage().rss / 2 ** 20, peakMiB: process.resourceUsage().maxRSS / 1024 }
  }

  async stop (): Promise<void> {
    await this.node?.stop()
  }

  private get running (): VotingNode {
    if (this.node == null) {
      throw new Error('start comes first')
    }

    return this.node
  }

  private get scope (): JoinedScope {
    const [scope]: Scope[] = this.running.voting.scopes()

    return scope as JoinedScope
  }

  /** The service keeps it to itself, since nobody else needs it */
  private get sync (): Sync {
    return (this.running.voting as any).parts.sync
  }
}
