/**
 * Scopes that differ between nodes, made without gossip: every part is put straight into a node's core.
 */

import pWaitFor from 'p-wait-for'
import { announcementDigest } from '../../src/consensus/policy/policy.ts'
import { makeProposal, makeVote } from './messages.ts'
import type { TestNode } from './nodes.ts'
import type { ConsensusSigner, Proposal, Scope, Vote } from '../../src/index.ts'
import type { JoinedScope } from '../../src/network/scope/scope.ts'

export function scopeOf ({ voting }: TestNode, name = 'council'): JoinedScope {
  return voting.scopes().find(scope => scope.name === name) as JoinedScope
}

/** Proposals with their owner's signatures */
export async function makeProposals (count: number, owner: ConsensusSigner, { policy }: Pick<Scope, 'policy'>, changes: Partial<Proposal> = {}): Promise<Array<{ proposal: Proposal, signature: Uint8Array }>> {
  return Promise.all(Array.from({ length: count }, async (_, index) => {
    return makeSigned(owner, policy, makeProposal(owner, policy, { name: `Question ${index}`, ...changes }))
  }))
}

/** A proposal with its owner's signature */
export async function makeSigned (owner: ConsensusSigner, policy: Scope['policy'], proposal: Proposal): Promise<{ proposal: Proposal, signature: Uint8Array }> {
  return { proposal, signature: await owner.sign(announcementDigest(policy, proposal)) }
}

/** Puts proposals and votes into a node as if it had known them all along */
export async function know (node: TestNode, proposals: Array<{ proposal: Proposal, signature: Uint8Array }>, votes: Vote[] = [], name = 'council'): Promise<void> {
  const { key } = scopeOf(node, name)

  for (const { proposal, signature } of proposals) {
    await node.voting.consensus.processIncomingProposal(key, proposal, { signature, late: true })
  }

  for (const vote of votes) {
    await node.voting.consensus.processIncomingVote(key, vote, { late: true })
  }
}

/** Everybody's vote on everything, proposal by proposal */
export async function everyVote (proposals: Array<{ proposal: Proposal }>, voters: ConsensusSigner[], choice: (voter: number) => boolean): Promise<Vote[]> {
  return (await Promise.all(proposals.map(async ({ proposal }) =>
    Promise.all(voters.map(async (voter, index) => makeVote(voter, proposal, choice(index))))))).flat()
}

/** What a node knows, in a form in which nodes can be compared */
export async function knowledge (node: TestNode, name = 'council'): Promise<Record<number, string>> {
  const known: Record<number, string> = {}

  for await (const session of node.voting.consensus.storage.streamScopeSessions(scopeOf(node, name).key)) {
    const { state, result, proposal: { proposalId } } = session
    const choices = session.votes().map(({ voteOwner, vote }) => `${voteOwner.join('.')}=${vote}`).sort()

    known[proposalId] = `${state} ${result} ${state === 'active' ? choices.join(' ') : ''}`
  }

  return known
}

/** Waits until nodes know the same, of so many proposals */
export async function agree (nodes: TestNode[], proposals: number, timeout = 30_000, name = 'council'): Promise<void> {
  const seen = (known: Record<number, string>): string => JSON.stringify(Object.entries(known).sort(([a], [b]) => Number(a) - Number(b)))

  await pWaitFor(async () => {
    const all = await Promise.all(nodes.map(async node => knowledge(node, name)))

    return all.every(known => Object.keys(known).length === proposals && seen(known) === seen(all[0]))
  }, { interval: 50, timeout })
}

/** Resolves once a node has completed a sync that it began, with a member or not */
export async function synced ({ voting }: TestNode): Promise<void> {
  await pWaitFor(() => (voting as any).parts.sync.stats.completed > 0, { timeout: 30_000 })
}
