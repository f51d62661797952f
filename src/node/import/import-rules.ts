/**
 * Validates what an export says of one proposal as if it came from the network, only late.
 */

import { equals } from 'uint8arrays/equals'
import { ConsensusError, InsufficientVotesAtTimeoutError, MaxRoundsExceededError, SessionNotActiveError } from '../../consensus/errors.ts'
import { proposalProblem, scopeRules, voteProblem } from '../../consensus/policy/scope-rules.ts'
import { isSigned } from '../../consensus/proposal/announcement.ts'
import { decodeProposal } from '../../consensus/proposal/proposal.ts'
import { ConsensusService } from '../../consensus/service.ts'
import { MemoryStorage } from '../../consensus/storage/memory.ts'
import { decodeVote, encodeVote, validateVote } from '../../consensus/vote/vote.ts'
import { scopeConfig, scopeKey } from '../../network/scope/scope.ts'
import { ExportFileError } from '../../storage/export/format.ts'
import type { ScopePolicy } from '../../consensus/policy/policy.ts'
import type { Proposal } from '../../consensus/proposal/proposal.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { SignatureScheme } from '../../consensus/signing.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { ExportEntry } from '../../storage/export/reader.ts'

export type ProposalEntry = Extract<ExportEntry, { type: 'proposal' }>

export interface Validate {
  scheme: SignatureScheme
  /** Unix seconds */
  clock (): bigint
}

/** @throws {ExportFileError} */
export function decodeExported ({ line, content }: ProposalEntry): Proposal {
  return at(line, 'holds a proposal that cannot be read', () => ({ ...decodeProposal(content.proposal), round: 1 }))
}

/**
 * What the votes of an export make of a proposal, which may be known with votes of its own.
 *
 * @returns the session to store, or `known` if there is nothing new
 * @throws {ExportFileError} if the proposal or a vote is not valid
 */
export async function validateExported (entry: ProposalEntry, policy: ScopePolicy, known: ConsensusSession | undefined, validate: Validate): Promise<ConsensusSession> {
  const proposal = decodeExported(entry)
  const scope = scopeKey(policy)
  const storage = new MemoryStorage()
  const service = new ConsensusService({ ...validate, storage, maxSessionsPerScope: Infinity })

  await at(entry.line, 'holds a proposal that is not valid', async () => {
    await storage.setScopeConfig(scope, scopeConfig(policy))
    await checkProposal(entry, proposal, policy, validate)

    if (known == null) {
      await service.processIncomingProposal(scope, proposal, { signature: entry.content.signature, late: true })
    } else {
      await storage.saveSession(scope, known)
    }
  })

  const added = await addVotes(entry, proposal, policy, { service, known, validate })
  const addedEvidence = await addEvidence(entry, proposal, policy, service)

  if (known != null && added + addedEvidence === 0) {
    return known
  }

  const session = await storage.getSession(scope, proposal.proposalId) as ConsensusSession

  // under `quorum` the node ends it after it has asked others
  if (session.digest == null && session.state === 'active' && validate.clock() >= proposal.expirationTimestamp) {
    await service.handleConsensusTimeout(scope, proposal.proposalId).catch(err => {
      // failing is one of the two ways a proposal can end
      if (!(err instanceof InsufficientVotesAtTimeoutError)) {
        throw err
      }
    })
  }

  return await storage.getSession(scope, proposal.proposalId) as ConsensusSession
}

async function checkProposal ({ content: { signature = new Uint8Array(0) } }: ProposalEntry, proposal: Proposal, policy: ScopePolicy, { scheme, clock }: Validate): Promise<void> {
  const problem = proposalProblem(scopeRules(policy), proposal)

  if (problem != null) {
    throw new ConsensusError(problem)
  }

  if (proposal.timestamp > clock() + BigInt(policy.clockSkewSeconds)) {
    throw new ConsensusError(`it is from ${proposal.timestamp}, in the future: it is ${clock()}. Check the clock`)
  }

  if (!await isSigned(scheme, { policy }, { proposal, signature })) {
    throw new ConsensusError(`it ${signature.byteLength === 0 ? 'has no signature of' : 'is not signed by'} its owner`)
  }
}

interface Taking {
  service: ConsensusService
  known?: ConsensusSession
  validate: Validate
}

/**
 * Adds the votes of an export in their order, so that a result that was contradicted stays one. Those of a conflict, which had
 * arrived together, are counted together.
 *
 * @returns how many votes were stored
 */
async function addVotes ({ line, votes, content: { outcome } }: ProposalEntry, proposal: Proposal, policy: ScopePolicy, { service, known, validate }: Taking): Promise<number> {
  const rules = scopeRules(policy)
  const scope = scopeKey(policy)
  // under `quorum` both votes are kept of whoever has voted both ways
  const keyOf = policy.decisionRule === 'quorum' ? ownerAndSideOf : ownerOf
  const knownVotes = new Map(known?.votes().map(vote => [keyOf(vote), vote]))
  const seen = new Set<string>()

  const together: Array<{ vote: Vote, index: number }> = []

  const take = async (encoded: Uint8Array, index: number): Promise<boolean> => {
    const vote = decodeVote(encoded)
    const key = keyOf(vote)
    const own = knownVotes.get(key)
    const problem = seen.has(key) ? `it is the second vote of its voter${keyOf === ownerOf ? '' : ' for this side'} on this proposal` : voteProblem(rules, vote)

    if (problem != null || vote.proposalId !== proposal.proposalId) {
      throw new ConsensusError(problem ?? `it is on proposal ${vote.proposalId}, not on ${proposal.proposalId}`)
    }

    seen.add(key)

    if (own == null && outcome === 'conflict') {
      together.push({ vote, index })

      return false
    }

    if (own == null) {
      return addVote(service, scope, vote)
    }

    if (!equals(encodeVote(own), encoded)) {
      // the first one stays, but a forged one is refused all the same
      await validateVote(vote, { ...proposal, digest: known?.digest }, proposal.timestamp, validate.scheme, encoded)
    }

    return false
  }

  let added = 0

  for (const [index, encoded] of votes.entries()) {
    if (await at(line + 1 + index, 'holds a vote that is not valid', async () => take(encoded, index))) {
      added++
    }
  }

  const results = await service.processIncomingVotes(scope, proposal.proposalId, together.map(({ vote }) => vote), { late: true })

  for (const [position, result] of results.entries()) {
    if (result.status === 'rejected') {
      at(line + 1 + together[position].index, 'holds a vote that is not valid', () => { throw result.reason })
    }
  }

  return added + results.length
}

/** @returns how much of the evidence was new */
async function addEvidence ({ line, votes, evidence }: ProposalEntry, { proposalId }: Proposal, policy: ScopePolicy, service: ConsensusService): Promise<number> {
  const rules = scopeRules(policy)
  let added = 0

  for (const [index, { first, second }] of evidence.entries()) {
    const isNew = await at(line + 1 + votes.length + index, 'holds evidence that is not valid', async () => {
      const both = { first: decodeVote(first), second: decodeVote(second) }
      const problem = voteProblem(rules, both.first) ?? voteProblem(rules, both.second)

      if (problem != null || both.first.proposalId !== proposalId) {
        throw new ConsensusError(problem ?? `it is on proposal ${both.first.proposalId}, not on ${proposalId}`)
      }

      return service.processEvidence(scopeKey(policy), both)
    })

    added += isNew ? 1 : 0
  }

  return added
}

/** Whether a valid vote was stored: one after the decision is not, nor one that fails the proposal, nor one after that */
async function addVote (service: ConsensusService, scope: string, vote: Vote): Promise<boolean> {
  try {
    return (await service.processIncomingVote(scope, vote, { late: true })).hasVotedFor(vote.voteOwner, vote.vote)
  } catch (err) {
    if (err instanceof MaxRoundsExceededError || err instanceof SessionNotActiveError) {
      return false
    }

    throw err
  }
}

function ownerOf ({ voteOwner }: Vote): string {
  return voteOwner.join()
}

function ownerAndSideOf (vote: Vote): string {
  return `${ownerOf(vote)} ${vote.vote}`
}

/** Says which line it was that something is wrong with */
function at <T> (line: number, what: string, task: () => T): T {
  const fail = (err: any): never => {
    if (!(err instanceof ConsensusError)) {
      throw err
    }

    throw new ExportFileError(line, `${what}: ${err.message}`, { cause: err })
  }

  try {
    const result = task()

    return result instanceof Promise ? result.catch(fail) as T : result
  } catch (err) {
    return fail(err)
  }
}
