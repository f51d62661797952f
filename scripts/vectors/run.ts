/**
 * Runs a folder of vector files. Used by the program and by the tests.
 */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkConfig } from './config.ts'
import { checkDecision } from './decision.ts'
import { checkIncomingProposal } from './incoming-proposal.ts'
import { checkIncomingVote } from './incoming-vote.ts'
import { checkPolicies } from './policies.ts'
import { checkProposals } from './proposals.ts'
import { checkScenarios } from './scenarios.ts'
import { checkSufficientVotes } from './sufficient-votes.ts'
import { checkTrim } from './trim.ts'
import { checkVotes } from './votes.ts'
import type { Case } from './case.ts'

export interface FileResult {
  file: string
  passed: number
  failed: Case[]
  /** Why the file as a whole could not be run */
  problem?: string
}

const checkers: Record<string, (content: unknown) => Promise<Case[]>> = {
  'config.json': checkConfig,
  'decision.json': checkDecision,
  'incoming-proposal.json': checkIncomingProposal,
  'incoming-vote.json': checkIncomingVote,
  'proposals.json': checkProposals,
  'scenarios.json': checkScenarios,
  'sufficient-votes.json': checkSufficientVotes,
  'trim.json': checkTrim,
  'votes.json': checkVotes
}

/** Files that the crate has nothing of */
const ownCheckers: typeof checkers = {
  'policies.json': checkPolicies
}

/** What every folder has to have */
export const VECTOR_FILES: readonly string[] = Object.keys(checkers)

/** What a folder may have besides */
export const OWN_FILES: readonly string[] = Object.keys(ownCheckers)

/** A result for each file that is there or should be; a README.md is nobody's business */
export async function * runFolder (folder: string): AsyncGenerator<FileResult> {
  const found = (await readdir(folder)).filter(name => name !== 'README.md')

  for (const file of [...new Set([...VECTOR_FILES, ...found])].sort()) {
    yield await runFile(folder, file)
  }
}

export async function runFile (folder: string, file: string): Promise<FileResult> {
  try {
    const cases = await checkFile(folder, file)
    const failed = cases.filter(({ differences }) => differences.length > 0)

    return { file, passed: cases.length - failed.length, failed }
  } catch (err: any) {
    return { file, passed: 0, failed: [], problem: err.code === 'ENOENT' ? 'missing' : err.message }
  }
}

async function checkFile (folder: string, file: string): Promise<Case[]> {
  const check = checkers[file] ?? ownCheckers[file]

  if (check == null) {
    throw new Error(`not a file of vectors that is known: ${[...VECTOR_FILES, ...OWN_FILES].join(', ')}`)
  }

  const cases = await check(parse(await readFile(join(folder, file), 'utf8')))

  if (cases.length === 0) {
    throw new Error('no cases')
  }

  return cases
}

function parse (text: string): unknown {
  if (text.trim() === '') {
    throw new Error('empty')
  }

  const content = JSON.parse(text)

  if (typeof content !== 'object' || content === null) {
    throw new Error('not an object with cases')
  }

  return content
}
