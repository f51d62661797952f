/**
 * One real node whose clock stands still, in a scope of four voters that decides by quorum, and what others may send it.
 */

import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { ethereumScheme, ethereumSigner, identityToAddress } from '../../../src/signers/ethereum.ts'
import { announce } from '../../utils/messages.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { boundVote, evidenceMessage, quorumProposal } from '../../utils/quorum.ts'
import type { ConsensusSigner, Proposal, ScopePolicy, ScopePolicyInput, Vote } from '../../../src/index.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { TestNode } from '../../utils/nodes.ts'
import type { PeerId } from '@libp2p/interface'

/** When it is, unless a test says otherwise, Unix seconds */
export const START = 1_700_000_000n

/** Seconds, of the policy below */
export const SKEW = 10n
export const GRACE = 25n

export function newSigner (): ConsensusSigner {
  return ethereumSigner(generatePrivateKey())
}

export async function newPeer (): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

export interface Setting {
  scope: JoinedScope
  policy: ScopePolicy
  /** From START to START + 60, known to the node, by `voter`, who has not voted on it */
  proposal: Proposal
  /** Of `other`, for yes, known to the node */
  vote: Vote
}

export class Fixture {
  readonly network = new TestNetwork()
  readonly voter = newSigner()
  readonly other = newSigner()
  /** Has voted both ways on the known proposal */
  readonly cheat = newSigner()
  readonly stranger = newSigner()
  readonly time = { now: START }
  /** How many signatures the node has verified */
  verified = 0
  node!: TestNode
  private scopes = 0

  async start (): Promise<void> {
    const scheme = ethereumScheme()

    this.node = await this.network.add({
      clock: () => this.time.now,
      // the clock is set by hand
      clockCheckInterval: 20,
      scheme: {
        verify: (...args) => {
          this.verified++

          return scheme.verify(...args)
        }
      }
    })
  }

  async stop (): Promise<void> {
    await this.network.stop()
  }

  /** The id of a real node that is connected */
  async connectPeer (): Promise<PeerId> {
    const { libp2p } = await this.network.add()

    await libp2p.dial(this.node.libp2p.getMultiaddrs())
    await pWaitFor(() => this.node.libp2p.getConnections(libp2p.peerId).length > 0, { timeout: 10_000 })

    return libp2p.peerId
  }

  /** A scope that was never there before, since equal proposals in equal scopes are one */
  async join (policy: Partial<ScopePolicyInput> = {}): Promise<JoinedScope> {
    const voters = [this.node.signer, this.voter, this.other, this.cheat].map(({ identity }) => identityToAddress(identity))

    this.time.now = START

    return await this.node.voting.join({ name: `council-${this.scopes++}`, minLifetimeSeconds: 1, voters, ...policy }) as JoinedScope
  }

  async joinAndKnow (policy: Partial<ScopePolicyInput> = {}): Promise<Setting> {
    const scope = await this.join(policy)
    const proposal = quorumProposal(this.voter, scope.policy, { timestamp: START, expectedVotersCount: 4 })
    const vote = await boundVote(this.other, scope.policy, proposal, true)

    await this.deliver(scope, await announce(this.voter, scope.policy, proposal))
    await this.deliver(scope, encodeVoteGossip(vote))
    await this.deliver(scope, await evidenceMessage(this.cheat, scope.policy, proposal))

    return { scope, policy: scope.policy, proposal, vote }
  }

  async leaveAll (): Promise<void> {
    for (const { name } of this.node.voting.scopes()) {
      await this.node.voting.leave(name)
    }
  }

  /** Gives a message to the topic's validator, as gossipsub does */
  async deliver (scope: JoinedScope, data: Uint8Array, sender: PeerId = this.node.libp2p.peerId): Promise<string> {
    const validator: any = this.node.pubsub.topicValidators.get(scope.topic)

    return validator(sender, { topic: scope.topic, data })
  }

  /** What a task resolves with, and how many signatures were verified meanwhile */
  async counting <T> (task: () => Promise<T>): Promise<[T, number]> {
    const before = this.verified
    const result = await task()

    return [result, this.verified - before]
  }

  async tally ({ name }: JoinedScope, proposalId: number): Promise<unknown> {
    return (await this.node.voting.get(name, proposalId)).tally
  }
}
