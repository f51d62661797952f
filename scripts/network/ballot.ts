/**
 * What is voted on, who votes what, and what has to come of it with a threshold of two thirds, under
 * rule `reference` and, with three nodes or more, under `quorum`.
 */

import { thresholdValue } from '../../src/consensus/decision.ts'
import type { Choice } from '../../src/client/index.ts'

export type Outcome = Choice | 'failed'

export interface Ballot {
  name: string
  expected: Outcome
  timeoutSeconds: number
  /** What each node votes, by its position; undefined for the silent */
  choices: Array<Choice | undefined>
}

/** Time enough for any machine: these end with their votes */
const TIMEOUT_SECONDS = 60

/** This one is waited for, but all votes have to arrive before it ends */
const SILENT_TIMEOUT_SECONDS = 5

/** Nodes that a second of a slow machine is enough for */
const NODES_PER_SECOND = 5

/**
 * The ballots of a run: one that passes, one that is rejected, one with silent voters, and so on.
 *
 * @param silent - how many say nothing in each third ballot
 */
export function makeBallots (nodes: number, proposals: number, silent: number): Ballot[] {
  return Array.from({ length: proposals }, (_, index) => [passing, rejected, withSilent][index % 3](`Proposal ${index + 1}`, nodes, silent))
}

function passing (name: string, nodes: number): Ballot {
  return { name: `${name}: passes`, expected: 'yes', timeoutSeconds: TIMEOUT_SECONDS, choices: new Array(nodes).fill('yes') }
}

/** As many yes as there can be without changing the result. Up to two voters, one no is enough. */
function rejected (name: string, nodes: number): Ballot {
  const no = nodes <= 2 ? 1 : thresholdValue(nodes, 2 / 3)

  return {
    name: `${name}: is rejected`,
    expected: 'no',
    timeoutSeconds: TIMEOUT_SECONDS,
    choices: Array.from({ length: nodes }, (_, index) => index < no ? 'no' : 'yes')
  }
}

/**
 * Nothing is decided before the timeout, when the silent count as yes and make just as many as are needed. Up to two voters,
 * all have to vote, so silence fails the proposal.
 */
function withSilent (name: string, nodes: number, silent: number): Ballot {
  const yes = Math.max(0, thresholdValue(nodes, 2 / 3) - silent)

  return {
    name: `${name}: ${silent} silent`,
    expected: nodes <= 2 ? 'failed' : 'yes',
    timeoutSeconds: SILENT_TIMEOUT_SECONDS + Math.ceil(nodes / NODES_PER_SECOND),
    choices: [
      ...new Array(silent).fill(undefined),
      ...new Array(yes).fill('yes'),
      ...new Array(nodes - silent - yes).fill('no')
    ]
  }
}
