/**
 * What is voted on in which scope, what each node votes, and what the result has to be, with a threshold of two thirds.
 */

import { quorumOf, thresholdValue } from '../../src/consensus/rules/decision.ts'
import { SCOPE } from './network.ts'
import type { Choice } from '../../src/client/index.ts'
import type { ScopePolicyInput } from '../../src/index.ts'

export type Outcome = Choice | 'failed'

/** Under a policy of its own, by which nodes vote automatically for the side that the proposal says */
const AUTOMATIC_SCOPE = 'assembly'

/** Decides by the rule of the crate, by which a voter who says nothing counts at the timeout */
const REFERENCE_SCOPE = 'reference'

/** Clocks on one machine are one */
const CLOCKS: Partial<ScopePolicyInput> = { clockSkewSeconds: 1, graceSeconds: 2 }

/** The policies of the ballots below, but for the voters */
export const POLICIES: Array<Omit<ScopePolicyInput, 'voters'>> = [
  { ...CLOCKS, name: SCOPE, minLifetimeSeconds: 1 },
  { ...CLOCKS, name: AUTOMATIC_SCOPE, onSilence: 'liveness', minLifetimeSeconds: 20 },
  { ...CLOCKS, name: REFERENCE_SCOPE, decisionRule: 'reference', minLifetimeSeconds: 1 }
]

export interface Ballot {
  scope: string
  name: string
  expected: Outcome
  timeoutSeconds: number
  /** What each node votes, by its position; undefined for the silent */
  choices: Array<Choice | undefined>
  /** Whether the last node is off until it is decided */
  isLastOff?: boolean
}

/** Time enough for any machine: these end with their votes */
const TIMEOUT_SECONDS = 60

/** The shortest in which nodes vote automatically, which they do in its last quarter */
const AUTOMATIC_TIMEOUT_SECONDS = 20

/** This one is waited for, but all votes have to arrive before it ends */
const SILENT_TIMEOUT_SECONDS = 5

/** Nodes that a second of a slow machine is enough for */
const NODES_PER_SECOND = 5

const KINDS = [passing, rejected, withoutResult, automatic, atTimeout]

/**
 * The ballots of a run: one that passes, one that is rejected, one without a result, one in which nodes vote automatically, one
 * that the rule of the crate decides at the timeout, and so on.
 *
 * @param silent - how many voters say nothing where their nodes vote automatically
 */
export function makeBallots (nodes: number, proposals: number, silent: number): Ballot[] {
  return Array.from({ length: proposals }, (_, index) => {
    const ballot = KINDS[index % KINDS.length](nodes, silent)

    return { ...ballot, name: `Proposal ${index + 1}: ${ballot.name}` }
  })
}

function passing (nodes: number): Ballot {
  return { scope: SCOPE, name: 'passes', expected: 'yes', timeoutSeconds: TIMEOUT_SECONDS, choices: choices(['yes', nodes]) }
}

/** As many yes as there can be without changing the result */
function rejected (nodes: number): Ballot {
  const no = quorumOf(nodes, '2/3')

  return { scope: SCOPE, name: 'is rejected', expected: 'no', timeoutSeconds: TIMEOUT_SECONDS, choices: choices(['no', no], ['yes', nodes - no]) }
}

/** One vote is missing for a quorum, and those who have not cast it say nothing */
function withoutResult (nodes: number): Ballot {
  const yes = quorumOf(nodes, '2/3') - 1

  return { scope: SCOPE, name: 'no quorum', expected: 'failed', timeoutSeconds: silentTimeout(nodes), choices: choices([undefined, nodes - yes], ['yes', yes]) }
}

/** The votes of the silent, which their nodes cast, make just a quorum, or more where that many are silent */
function automatic (nodes: number, silent: number): Ballot {
  const yes = Math.max(0, quorumOf(nodes, '2/3') - silent)

  return {
    scope: AUTOMATIC_SCOPE,
    name: `${silent} silent, automatic`,
    expected: 'yes',
    timeoutSeconds: AUTOMATIC_TIMEOUT_SECONDS,
    choices: choices([undefined, silent], ['yes', yes], ['no', nodes - silent - yes])
  }
}

/**
 * Nothing is decided before the timeout, when the voter whose node is off counts as yes and makes just as many as are needed. Up
 * to two voters, all have to vote, so silence fails the proposal.
 */
function atTimeout (nodes: number): Ballot {
  const yes = thresholdValue(nodes, 2 / 3) - 1

  return {
    scope: REFERENCE_SCOPE,
    name: '1 off, crate\'s rule',
    expected: nodes <= 2 ? 'failed' : 'yes',
    timeoutSeconds: silentTimeout(nodes),
    choices: choices(['yes', yes], ['no', nodes - 1 - yes], [undefined, 1]),
    isLastOff: true
  }
}

function silentTimeout (nodes: number): number {
  return SILENT_TIMEOUT_SECONDS + Math.ceil(nodes / NODES_PER_SECOND)
}

function choices (...counts: Array<[Choice | undefined, number]>): Array<Choice | undefined> {
  return counts.flatMap(([choice, count]) => new Array(count).fill(choice))
}
