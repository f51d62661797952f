/**
 * Whether nodes came to the same: the result of each proposal, and who has voted what.
 */

import type { ProposalInfo } from '../../src/client/index.ts'

/** What one node says of one proposal */
export interface Known {
  /** `yes`, `no`, `failed`, `conflict`, or `active` */
  outcome: string
  /** `voter=choice`, sorted. A voter who has voted both ways is there twice. */
  votes: string[]
}

/** Proposal id → what a node says of it */
export type Knowledge = Map<number, Known>

export interface Comparison {
  /** Whether each proposal has ended with the same result at every node */
  agree: boolean
  /** Whether every node has the same votes on each proposal */
  voteSetsEqual: boolean
  /** Where nodes differ, a line each */
  differences: string[]
}

export function knownOf ({ state, result, votes }: Pick<ProposalInfo, 'state' | 'result' | 'votes'>): Known {
  return {
    outcome: result ?? state,
    votes: votes.map(({ voter, choice }) => `${voter.toLowerCase()}=${choice}`).sort()
  }
}

/**
 * @param nodes - name of the node → what it says
 * @param proposals - the ids of those that all nodes have to know
 */
export function compareNodes (nodes: Map<string, Knowledge>, proposals: number[]): Comparison {
  const outcomes: string[] = []
  const voteSets: string[] = []

  for (const id of proposals) {
    const outcome = differences(nodes, id, known => known.outcome)

    if (outcome.length > 1 || outcome.some(([value]) => value === 'active' || value === UNKNOWN)) {
      outcomes.push(describe(id, 'result', outcome))
    }

    const votes = differences(nodes, id, ({ votes }) => votes.length === 0 ? 'no votes' : votes.join(' '))

    if (votes.length > 1 || votes.some(([value]) => value === UNKNOWN)) {
      voteSets.push(describe(id, 'votes', votes))
    }
  }

  return {
    agree: proposals.length > 0 && outcomes.length === 0,
    voteSetsEqual: proposals.length > 0 && voteSets.length === 0,
    differences: [...outcomes, ...voteSets]
  }
}

const UNKNOWN = 'nothing: it is not known'

/** Each value there is, with the nodes that say it */
function differences (nodes: Map<string, Knowledge>, id: number, valueOf: (known: Known) => string): Array<[string, string[]]> {
  const values = new Map<string, string[]>()

  for (const [node, knowledge] of nodes) {
    const known = knowledge.get(id)
    const value = known == null ? UNKNOWN : valueOf(known)

    values.set(value, [...values.get(value) ?? [], node])
  }

  return [...values]
}

function describe (id: number, what: string, values: Array<[string, string[]]>): string {
  return `proposal ${id}, ${what}: ${values.map(([value, nodes]) => `${value} at ${nodes.join(', ')}`).join('; ')}`
}
