/**
 * What a node's active proposals are, kept up to date by its events. What an event changes is asked for again rather than
 * computed: the node knows the rules.
 */

import { formatTally, namesIn, openScopes, quotedName } from '../output.ts'
import { describeEvent } from './describe.ts'
import type { NodeEvent, ProposalInfo, ProposalSummary, ScopeInfo, VotingClient } from '../../client/index.ts'

/** Of each scope so many are followed, those that end last; a person does not read more at a time */
const MAX_PROPOSALS = 100

/** So many lines about what has happened are kept */
const MAX_HAPPENINGS = 200

export interface Happening {
  /** Milliseconds */
  at: number
  text: string
  /** Whether it is about the end of a proposal, or something is wrong */
  important: boolean
}

const ENDS = new Set(['decided', 'failed', 'conflict'])
const NEWS = new Set([...ENDS, 'evidence', 'auto-vote-missed', 'collision', 'mismatch', 'clock', 'trimmed', 'reset'])

export class WatchModel {
  /** Whether the node does not answer now: all else is as it was then */
  away = false
  scopes: ScopeInfo[] = []
  /** Peers that are connected, in a scope or not */
  peers = 0
  /** The address the node votes as */
  voter = ''
  readonly happenings: Happening[] = []
  /** Of which it is to be read how they ended */
  private readonly endings: Array<{ proposal: Pick<ProposalSummary, 'scope' | 'proposalId'>, happening: Happening }> = []
  private readonly client: VotingClient
  private readonly scope?: string
  /** With votes as far as they were asked for */
  private readonly proposals = new Map<string, ProposalSummary & Partial<Pick<ProposalInfo, 'votes'>>>()

  /**
   * @param scope - the one to follow; all without it
   */
  constructor (client: VotingClient, scope?: string) {
    this.client = client
    this.scope = scope
  }

  /** Those that can be voted on, and those that wait for a peer, by when they end */
  active (): Array<ProposalSummary & Partial<Pick<ProposalInfo, 'votes'>>> {
    return [...this.proposals.values()].sort((a, b) => a.deadline - b.deadline || a.proposalId - b.proposalId)
  }

  /** Reads everything anew */
  async load (): Promise<void> {
    await this.loadNode()

    const active = await Promise.all(this.scopes.map(async ({ name }) => (await this.client.proposals(name, { state: 'active', order: 'newest', limit: MAX_PROPOSALS })).items))

    this.proposals.clear()

    for (const proposal of active.flat()) {
      this.proposals.set(keyOf(proposal), proposal)
    }
  }

  /** Scopes and peers, of which no events tell */
  async loadNode (): Promise<void> {
    const { scopes, peers, voter } = await this.client.status()

    this.scopes = scopes.filter(({ name }) => this.scope == null || name === this.scope)
    this.peers = peers
    this.voter = voter
  }

  /** Proposals with their votes, as they are now; one that has ended is active no more */
  async refresh (proposals: Array<Pick<ProposalSummary, 'scope' | 'proposalId'>>): Promise<void> {
    await Promise.all(proposals.map(async ({ scope, proposalId }) => {
      const proposal = await this.find(scope, proposalId)

      if (proposal?.state === 'active') {
        this.proposals.set(keyOf(proposal), proposal)
      } else {
        this.proposals.delete(keyOf({ scope, proposalId }))
      }
    }))
  }

  /** Adds to what is said of proposals that have ended what they were about, and by how many votes. The events do not say it. */
  async readEndings (): Promise<void> {
    await Promise.all(this.endings.splice(0).map(async ({ proposal: { scope, proposalId }, happening }) => {
      const proposal = await this.find(scope, proposalId)

      if (proposal != null) {
        happening.text += `  ${formatTally(proposal)}  ${quotedName(proposal.name)}`
      }
    }))
  }

  /** Undefined if it was trimmed, or the scope was left */
  private async find (scope: string, proposalId: number): Promise<ProposalInfo | undefined> {
    return this.client.proposal(scope, proposalId).catch((err: Error & { status?: number }) => {
      if (err.status !== 404) {
        throw err
      }

      return undefined
    })
  }

  /**
   * @returns the proposal that has to be read again, if any
   */
  apply (event: NodeEvent): Pick<ProposalSummary, 'scope' | 'proposalId'> | undefined {
    const { type, data } = event

    if (this.scope != null && 'scope' in data && data.scope !== this.scope) {
      return
    }

    const happening = { at: Date.now(), text: describeEvent(event, openScopes(this.scopes), namesIn(this.scopes), true), important: NEWS.has(type) }

    this.happenings.push(happening)
    this.happenings.splice(0, Math.max(0, this.happenings.length - MAX_HAPPENINGS))

    if (type === 'proposal') {
      this.proposals.set(keyOf(data), data)
    } else if (ENDS.has(type) || type === 'trimmed') {
      this.proposals.delete(keyOf(data as ProposalSummary))

      if (ENDS.has(type)) {
        this.endings.push({ proposal: data as ProposalSummary, happening })
      }

      return
    }

    return type === 'proposal' || type === 'vote' || type === 'evidence' ? data : undefined
  }
}

export function keyOf ({ scope, proposalId }: Pick<ProposalSummary, 'scope' | 'proposalId'>): string {
  return `${scope}/${proposalId}`
}
