/**
 * One real node that is put into the states of many members, one after the other: its clock, its store, its vote locks and its
 * verifier are replaced between them.
 */

import { proposalIdOf } from '../../../src/consensus/policy/policy.ts'
import { encodeProposal } from '../../../src/consensus/proposal/proposal.ts'
import { MemoryStorage } from '../../../src/consensus/storage/memory.ts'
import { MemoryVoteLock } from '../../../src/consensus/vote/vote-lock.ts'
import { encodeVote } from '../../../src/consensus/vote/vote.ts'
import { decodeGossip } from '../../../src/network/gossip/envelope.ts'
import { announcementOf, missingVotes, readDelivery, toDeliveries } from '../../../src/network/sync/delivery.ts'
import { SyncFaultError } from '../../../src/network/sync/errors.ts'
import { Receiver } from '../../../src/network/sync/receiver.ts'
import { IgnoredBudget } from '../../../src/network/validation/ignored-budget.ts'
import { ethereumScheme } from '../../../src/signers/ethereum.ts'
import { ExpiringSet } from '../../../src/util/expiring-set.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import type { Encodable } from '../../../src/consensus/encoding/encode.ts'
import type { ConsensusSigner, ScopePolicy, ScopePolicyInput } from '../../../src/index.ts'
import type { GossipContent } from '../../../src/network/gossip/envelope.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { Delivery } from '../../../src/pb/sync.ts'
import type { TestNode } from '../../utils/nodes.ts'

export type Route = 'gossip' | 'sync' | 'two syncs'

/** What a member made of a message */
export interface Outcome {
  verdict: 'accept' | 'ignore' | 'reject'
  parked: boolean
  /** What it has of the proposal afterwards, as it gives it to others by sync */
  has?: Encodable<Delivery>
}

export class Member {
  readonly clock = { now: 0n }
  storage = new MemoryStorage()
  voteLock = new MemoryVoteLock()
  /** Whether signatures can be verified now */
  verifies = true
  scope!: JoinedScope
  private readonly network = new TestNetwork()
  private node!: TestNode

  async start (signer: ConsensusSigner): Promise<void> {
    const scheme = ethereumScheme()

    this.node = await this.network.add({
      signer,
      clock: () => this.clock.now,
      storage: forward(() => this.storage),
      voteLock: forward(() => this.voteLock),
      scheme: {
        verify: (...args) => {
          if (!this.verifies) {
            throw new Error('the thread has ended')
          }

          return scheme.verify(...args)
        }
      }
    })
  }

  async stop (): Promise<void> {
    await this.network.stop()
  }

  /** Forgets everything, and joins the scope anew */
  async reset (policy: ScopePolicyInput, now: bigint): Promise<void> {
    if (this.scope != null) {
      await this.node.voting.leave(this.scope.name)
    }

    this.clock.now = now
    this.storage = new MemoryStorage()
    this.voteLock = new MemoryVoteLock()
    this.verifies = true
    this.spendBudget(0)
    this.scope = await this.node.voting.join(policy) as JoinedScope
  }

  /** @param delivery - the message as it comes by sync, see {@link deliveryOf} */
  async take (route: Route, data: Uint8Array, delivery: Encodable<Delivery> | undefined, proposalId: number): Promise<Outcome> {
    const before = this.scope.parked.size
    const verdict = route === 'gossip' ? await this.hear(data) : await this.sync(delivery as Encodable<Delivery>, route === 'sync' ? 1 : 2)

    return { verdict, parked: this.scope.parked.size > before, has: await this.has(proposalId) }
  }

  /** Takes in what another member gives by sync, and returns whether that one is at fault */
  async takeDelivery (delivery: Encodable<Delivery>): Promise<'accept' | 'ignore' | 'reject'> {
    const { intake } = (this.node.voting as any).parts.sync.parts
    const receiver = new Receiver({ scope: this.scope, peer: this.node.libp2p.peerId, storage: this.storage, intake, refused: new ExpiringSet(() => this.clock.now, 600) })

    try {
      await receiver.receive([readDelivery(this.scope, delivery)])
    } catch (err) {
      // anything else breaks the sync off, and costs the sender nothing
      return err instanceof SyncFaultError ? 'reject' : 'ignore'
    } finally {
      receiver.finish()
    }

    return receiver.taught.proposals + receiver.taught.votes > 0 ? 'accept' : 'ignore'
  }

  /** Makes the peer that sends everything one that has sent so much that was ignored, and nothing else */
  spendBudget (messages: number): void {
    const { validator } = (this.node.voting as any).parts

    validator.ignored = new IgnoredBudget()

    for (let index = 0; index < messages; index++) {
      validator.ignored.spend(this.node.libp2p.peerId)
    }
  }

  async hear (data: Uint8Array): Promise<Outcome['verdict']> {
    const validator: any = this.node.pubsub.topicValidators.get(this.scope.topic)

    return validator(this.node.libp2p.peerId, { topic: this.scope.topic, data })
  }

  /** Takes in the same from several peers at a time */
  private async sync (delivery: Encodable<Delivery>, peers: number): Promise<Outcome['verdict']> {
    const verdicts = await Promise.all(Array.from({ length: peers }, async () => this.takeDelivery(delivery)))

    return (['reject', 'accept', 'ignore'] as const).find(verdict => verdicts.includes(verdict)) as Outcome['verdict']
  }

  private async has (proposalId: number): Promise<Encodable<Delivery> | undefined> {
    const session = await this.storage.getSession(this.scope.key, proposalId)

    // a proposal that has another's id takes 2^32 tries to find, so the one here is a false one, that nobody has
    if (session == null || session.pruned != null || (session.digest != null && proposalIdOf(session.digest) !== proposalId)) {
      return
    }

    return toDeliveries([{ proposalId, announcement: announcementOf(session) }, ...missingVotes(session)])[0]
  }
}

/**
 * What brings the same by sync as a gossip message; for bytes that are no message, a vote of these bytes. Undefined where a sync
 * brings the parts of it, each of which is validated for itself: the votes of evidence and, where proposals may have them, the votes
 * in a proposal, whose round nobody looks at then.
 */
export function deliveryOf (data: Uint8Array, { decisionRule }: ScopePolicy): Encodable<Delivery> | undefined {
  let content: GossipContent

  try {
    content = decodeGossip(data)
  } catch {
    return { proposalId: 0, votes: [new Uint8Array(data)] }
  }

  switch (content.type) {
    case 'announcement': {
      const { announcement: { proposal, signature } } = content

      const isInParts = decisionRule !== 'quorum' && (proposal.votes.length > 0 || proposal.round !== 1)

      return isInParts ? undefined : toDeliveries([{ proposalId: proposal.proposalId, announcement: { proposal: encodeProposal(proposal), signature } }])[0]
    }
    case 'vote': return { proposalId: content.vote.proposalId, votes: [encodeVote(content.vote)] }
    default:
  }
}

/** An object that stands for another one that is replaced now and then */
function forward <T extends object> (current: () => T): T {
  return new Proxy({} as T, {
    has: (_, name) => name in current(),
    get: (_, name) => {
      const value = (current() as any)[name]

      return typeof value === 'function' ? value.bind(current()) : value
    }
  })
}
