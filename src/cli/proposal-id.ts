/**
 * Ids of proposals as people give them: whole, only their first digits where these say enough, or a fingerprint in their place.
 */

import { InvalidArgumentError } from 'commander'
import { ApiProblemError } from '../client/index.ts'
import { FINGERPRINT } from '../consensus/proposal/fingerprint.ts'
import { CliError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { formatId, formatState, quotedName } from './output.ts'
import type { ProposalInfo, ProposalSummary, VotingClient } from '../client/index.ts'

/** Fewer digits than these are too easily those of another proposal */
const MIN_DIGITS = 3

/** Of the proposals that have ended so many of the last are looked at. It is one page. */
const RECENT = 100

/** So many proposals are named if the digits are those of several */
const MAX_CANDIDATES = 10

const MAX_UINT32 = 0xffff_ffff

export const PROPOSAL_ID_HELP = `
An id may be shortened to its first digits, ${MIN_DIGITS} or more, if they are those of one proposal only among the ones that are
being voted on and the last ${RECENT} of the scope. The fingerprint does in its place, where "list" shows one.`

/** For commander: whether it can be an id at all, whole or in part, or a fingerprint */
export function parseProposalDigits (text: string): string {
  const digits = text.toLowerCase().replaceAll('-', '')

  // 16 digits: no id is so long
  if (/^[0-9a-f]{16}$/.test(digits)) {
    return digits.replaceAll(/(.{4})(?=.)/g, '$1-')
  }

  if (!/^\d{1,10}$/.test(text) || Number(text) > MAX_UINT32) {
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${MAX_UINT32}, its first ${MIN_DIGITS} digits or more, or a fingerprint like 3f9a-77c2-01be-d450.`)
  }

  return text
}

/**
 * The proposal that has the fingerprint or the id, or else the only one whose id begins with it. A vote cannot be taken back, so proposals that
 * have ended count as well: digits that meant one of these must not come to mean another.
 *
 * @throws {CliError} if there is none, or there are several
 */
export async function findProposal (client: VotingClient, scope: string, digits: string): Promise<ProposalInfo> {
  if (FINGERPRINT.test(digits)) {
    return withFingerprint(client, scope, digits)
  }

  const unknown = await client.proposal(scope, Number(digits)).catch((err: unknown) => err)

  if (!(unknown instanceof Error)) {
    return unknown as ProposalInfo
  }

  if (!(unknown instanceof ApiProblemError) || unknown.kind !== 'SessionNotFoundError' || digits.length < MIN_DIGITS) {
    throw unknown
  }

  const candidates = await beginningWith(client, scope, digits)

  if (candidates.length === 0) {
    throw unknown
  }

  if (candidates.length > 1) {
    const named = candidates.slice(0, MAX_CANDIDATES).map(candidate => `${formatId(candidate)} ${quotedName(candidate.name)} (${formatState(candidate)})`)

    throw new CliError(`${candidates.length} proposals in scope "${scope}" have ids that begin with ${digits}: ${named.join(', ')}${candidates.length > MAX_CANDIDATES ? ', …' : ''}. Give more digits`, EXIT.usage)
  }

  return client.proposal(scope, candidates[0].proposalId)
}

/** Of all proposals of the scope: a fingerprint stands for no other one */
async function withFingerprint (client: VotingClient, scope: string, fingerprint: string): Promise<ProposalInfo> {
  for await (const proposal of client.allProposals(scope, { search: fingerprint, order: 'newest', limit: RECENT })) {
    if (proposal.fingerprint === fingerprint) {
      return client.proposal(scope, proposal.proposalId)
    }
  }

  throw new CliError(`No proposal in scope "${scope}" has the fingerprint ${fingerprint}. See those that it has with "list"`, EXIT.notFound)
}

/** Those that are active first, then the others, newest first */
async function beginningWith (client: VotingClient, scope: string, digits: string): Promise<ProposalSummary[]> {
  const found = new Map<number, ProposalSummary>()
  const add = (proposal: ProposalSummary): void => {
    if (`${proposal.proposalId}`.startsWith(digits)) {
      found.set(proposal.proposalId, proposal)
    }
  }

  for await (const proposal of client.allProposals(scope, { state: 'active', limit: RECENT })) {
    add(proposal)
  }

  (await client.proposals(scope, { order: 'newest', limit: RECENT })).items.forEach(add)

  return [...found.values()]
}
