/**
 * A voter's machine, of which there are copies: its store and its vote locks, each in a folder, and the node that runs on them.
 */

import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { decodeVote } from '../../../src/consensus/vote/vote.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { FileVoteLock } from '../../../src/storage/vote-lock/file-vote-lock.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { newSigner } from '../quorum/fixture.ts'
import type { HeldProof } from '../../../src/consensus/proofs/member-proof.ts'
import type { ConsensusSigner, ScopePolicyInput } from '../../../src/index.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { TestNode, TestNodeInit } from '../../utils/nodes.ts'

export const SCOPE = 'council'

const key = newSigner()

/** What the key has signed, in whatever process: proposal id → choices */
const signed = new Map<number, Set<boolean>>()

export function expectNoDoubleVotes (): void {
  for (const [proposalId, choices] of signed) {
    expect([...choices], `choices that were signed on ${proposalId}`).to.have.lengthOf(1)
  }
}

const signer: ConsensusSigner = {
  identity: key.identity,
  sign: async payload => {
    const signature = await key.sign(payload)

    try {
      const { proposalId, vote } = decodeVote(payload)

      signed.set(proposalId, (signed.get(proposalId) ?? new Set<boolean>()).add(vote))
    } catch {
      // it is no vote
    }

    return signature
  }
}

export class Machine {
  readonly path: string
  private readonly network: TestNetwork
  private storage?: LevelStorage
  node?: TestNode

  constructor (network: TestNetwork, path: string) {
    this.network = network
    this.path = path
  }

  get store (): string {
    return join(this.path, 'store')
  }

  get locks (): string {
    return join(this.path, 'locks')
  }

  async start (init: TestNodeInit = {}): Promise<TestNode> {
    this.storage = await LevelStorage.open(this.store)
    this.node = await this.network.add({ storage: this.storage, voteLock: new FileVoteLock(this.locks), signer, syncWait: 2_000, sync: { maxRequests: 1_000 }, ...init })

    return this.node
  }

  async stop (): Promise<void> {
    if (this.node != null) {
      await this.node.libp2p.stop()
      this.network.nodes.splice(this.network.nodes.indexOf(this.node), 1)
      this.node = undefined
    }

    await this.storage?.close()
    this.storage = undefined
  }

  /** Puts what another machine has here, in place of what is here */
  async copy (from: Machine, what: 'store' | 'locks'): Promise<void> {
    await rm(this[what], { recursive: true, force: true })
    await cp(from[what], this[what], { recursive: true })
  }

  async lose (what: 'store' | 'locks'): Promise<void> {
    await rm(this[what], { recursive: true, force: true })
  }
}

/** The other voters, a stranger who follows, and what the voter was asked */
export class Council {
  readonly network = new TestNetwork()
  readonly machine: Machine
  readonly backup: Machine
  members: TestNode[] = []
  policy!: ScopePolicyInput
  stranger!: TestNode
  /** The key has voted yes on it after the backup was made, which only the last member knows */
  voted!: number
  /** The key has not voted on it */
  free!: number

  constructor (folder: string) {
    this.machine = new Machine(this.network, join(folder, 'machine'))
    this.backup = new Machine(this.network, join(folder, 'backup'))
  }

  async begin (policy: Partial<ScopePolicyInput> = {}): Promise<void> {
    signed.clear()
    this.members = [await this.network.add({ sync: { maxRequests: 1_000 } }), await this.network.add({ sync: { maxRequests: 1_000 } }), await this.network.add({ sync: { maxRequests: 1_000 } })]
    this.stranger = await this.network.add({ keyless: true, sync: { maxRequests: 1_000 } })
    this.policy = { name: SCOPE, minLifetimeSeconds: 1, clockSkewSeconds: 1, graceSeconds: 2, voters: [signer, ...this.members.map(member => member.signer)].map(({ identity }) => identityToAddress(identity)), ...policy }

    const node = await this.machine.start()

    await node.voting.join(this.policy)
    await Promise.all(this.others.map(async other => other.voting.join(this.policy)))
    await this.meet(node, this.others)
    this.voted = (await this.members[0].voting.propose(SCOPE, { name: 'voted', timeoutSeconds: 3_600 })).proposalId
    this.free = (await this.members[0].voting.propose(SCOPE, { name: 'free', timeoutSeconds: 3_600 })).proposalId
    await Promise.all([node, ...this.others].map(async other => this.known(other)))
    await this.machine.stop()
    await this.backup.copy(this.machine, 'store')
    await this.backup.copy(this.machine, 'locks')
    await this.vote()
  }

  get others (): TestNode[] {
    return [...this.members, this.stranger]
  }

  /** All others learn that the locks of the key were in use, and only the last member what it has voted then */
  private async vote (): Promise<void> {
    const [last] = this.members.slice(-1)
    let node = await this.machine.start()

    await this.meet(node, this.others)
    await pWaitFor(() => this.members.every(member => isMember(member, signer)), { timeout: 20_000 })
    await this.machine.stop()
    node = await this.machine.start()
    await this.meet(node, [last])
    await node.voting.vote(SCOPE, this.voted, true)
    await pWaitFor(async () => (await last.voting.get(SCOPE, this.voted)).votes.length === 1, { timeout: 20_000 })
    await this.machine.stop()
    await pWaitFor(() => this.others.every(other => peersOf(other) === 0), { timeout: 20_000 })
  }

  /** Connects a node to others, and waits until it knows all that they were asked */
  async meet (node: TestNode, others: TestNode[]): Promise<void> {
    for (const other of others) {
      await node.libp2p.dial(other.libp2p.getMultiaddrs())
    }

    await pWaitFor(() => peersOf(node) === others.length, { timeout: 20_000 })
  }

  async known (node: TestNode): Promise<void> {
    await pWaitFor(async () => Promise.all([this.voted, this.free].map(async proposalId => node.voting.get(SCOPE, proposalId))).then(() => true, () => false), { timeout: 20_000 })
  }

  async end (): Promise<void> {
    await this.machine.stop()
    await this.backup.stop()
    await this.network.stop()
  }
}

/** Has a member give proofs back with a higher count, which nobody has signed */
export function lie ({ voting }: TestNode): void {
  const { book } = (voting as any).parts
  const toGiveBack = book.toGiveBack.bind(book)

  book.toGiveBack = (...args: unknown[]) => toGiveBack(...args).map((held: HeldProof) => ({ ...held, proof: { ...held.proof, count: held.proof.count + 1_000n } }))
}

export function scopeOf ({ voting }: TestNode): JoinedScope {
  return voting.scopes()[0] as JoinedScope
}

export function isMember (node: TestNode, { identity }: ConsensusSigner): boolean {
  return scopeOf(node).members.connected().some(({ voter }) => voter === identityToAddress(identity).toLowerCase())
}

function peersOf (node: TestNode): number {
  return scopeOf(node).peers.length
}
