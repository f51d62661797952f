/**
 * Proposals and votes
 */

import { z } from '@hono/zod-openapi'
import { describing, fields, pageOf, wholeNumber } from './describe.ts'
import { scopeParams } from './node.ts'
import { undecidedInfo } from './undecided.ts'
import { address, bytes, choice, count, fingerprint, proposalId, scopeName, state, unixSeconds } from './values.ts'
import type { Page, ProposalInfo, ProposalSummary, ProposeRequest, VoteInfo, VoteRequest } from '../types.ts'

const MAX_UINT32 = 0xffff_ffff
export const MAX_PAGE_LENGTH = 100
const DEFAULT_PAGE_LENGTH = 50

/** As long as a name */
const MAX_SEARCH_LENGTH = 256

/** A long poll is answered after so many seconds at the latest: some proxies and clients give up at 60 */
const MAX_WAIT_SECONDS = 50

/** How a proposal ended, if it has */
export const result = {
  result: choice.optional().describe('Present if and only if the state is reached'),
  contradicted: z.boolean().optional().describe('True, or else absent: the other side has got the votes of a quorum, too'),
  late: z.boolean().optional().describe('True, or else absent: the node first held the quorum later than the deadline by more than a day, or by more than the life of the proposal if that is longer. Nothing must act on such a result unless a person asks for it')
}

const vote = {
  voter: address,
  choice,
  timestamp: unixSeconds.describe('When it was cast, Unix seconds by the voter\'s clock')
}

export const voteInfo = describing<VoteInfo>()('VoteInfo', z.object(vote))

const summary = {
  scope: scopeName,
  open: z.boolean().describe('Whether anybody may vote in the scope'),
  proposalId,
  fingerprint: fingerprint.optional(),
  name: z.string(),
  proposer: address,
  timestamp: unixSeconds,
  deadline: unixSeconds.describe('From then on no vote is taken, Unix seconds'),
  expectedVotersCount: count,
  threshold: z.string().describe('Share of the voters a side needs, a fraction in lowest terms like "2/3"'),
  quorum: count.optional().describe('How many votes for one side decide; present if and only if the decision rule is quorum'),
  livenessCriteriaYes: z.boolean(),
  state,
  ...result,
  decidedAt: unixSeconds.optional().describe('When the node first held the quorum, Unix seconds by its clock; present if and only if it was reached under the decision rule quorum'),
  undecided: undecidedInfo.optional().describe('Present if and only if there is no result (yet)'),
  tally: z.object({ yes: count, no: count, doubles: count.optional() }).describe('Voters on each side; who has voted both ways is on both, and counted in doubles'),
  doubleVoters: count.describe('Voters who have signed both yes and no: those counted in tally.doubles, and those with a vote that was not cast in the proposal\'s time, which counts for no side'),
  isEnding: z.boolean().describe('Whether its time is up, and members are asked for votes that are missing here: for at most 15 seconds'),
  votesPruned: z.boolean().describe('Whether the single votes are kept no longer')
}

export const proposalSummary = describing<ProposalSummary>()('ProposalSummary', z.object(summary))
export const proposalPage = describing<Page<ProposalSummary>>()('ProposalPage', pageOf(proposalSummary))

export const proposalInfo = describing<ProposalInfo>()('ProposalInfo', z.object({
  ...summary,
  payload: bytes,
  payloadText: z.string().optional().describe('The payload where it is text that can be shown'),
  votes: z.array(voteInfo).describe('In order of arrival'),
  autoVote: z.object({
    choice,
    dueAt: unixSeconds.describe('When it is due, Unix seconds by the node\'s clock'),
    problem: z.string().optional().describe('In words; absent while the node is going to vote')
  }).optional().describe('What the node votes automatically, or why it does not. Present where the policy asks for automatic votes, the node\'s voter has not voted, and there is no result'),
  autoVoted: z.string().optional().describe('That the node has cast its own vote automatically, in words, as far as it is known'),
  unasked: z.string().optional().describe('Why this node does not vote on it now unless it is forced to; absent if it does, or has voted')
}))

export const proposeRequest = describing<ProposeRequest>()('ProposeRequest', fields({
  name: z.string('must be a string').openapi({ description: 'For people; 1 to 256 bytes of UTF-8', example: 'Upgrade to version 2?' }),
  payload: z.string('must be 0x and hex digits').regex(/^0x([0-9a-fA-F]{2})*$/, 'must be 0x and an even number of hex digits').optional()
    .openapi({ description: 'What is decided, 0x and hex digits; at most 32 KiB' }),
  timeoutSeconds: z.number('must be a number of seconds').optional().openapi({ description: 'Whole seconds', type: 'integer', minimum: 1 }),
  livenessCriteriaYes: z.boolean('must be true or false').optional().describe('The side that the silent count for'),
  expectedVotersCount: z.number('must be a number').optional().openapi({ description: 'Needed in open scopes', type: 'integer', minimum: 1 })
}))

export const voteRequest = describing<VoteRequest>()('VoteRequest', fields({
  choice,
  force: z.boolean('must be true or false').optional()
    .describe('Whether to vote on a proposal older than the node\'s process though no member could be asked yet what its key has voted')
}))

export const proposalParams = z.object({
  ...scopeParams.shape,
  proposalId: wholeNumber('a proposal id, a whole number from 0 to 4294967295', 0, MAX_UINT32, { param: { name: 'proposalId', in: 'path' } })
})

export const listQuery = fields({
  limit: wholeNumber(`1 to ${MAX_PAGE_LENGTH}`, 1, MAX_PAGE_LENGTH, { description: 'Items a page', default: DEFAULT_PAGE_LENGTH }).default(DEFAULT_PAGE_LENGTH),
  cursor: z.string().regex(/^\d{1,10}$/, 'must be what the page before gave').transform(Number).optional().openapi({ description: 'What the page before gave' }),
  state: state.optional(),
  search: z.string().max(MAX_SEARCH_LENGTH, `must be at most ${MAX_SEARCH_LENGTH} characters`).optional()
    .describe('Only those with all of these words in their name, in any case of letters, or whose id, fingerprint or proposer\'s address begins so'),
  order: z.enum(['oldest', 'newest'], 'must be oldest or newest, whichever is to come first').default('oldest')
})

export const waitQuery = fields({
  waitSeconds: wholeNumber(`0 to ${MAX_WAIT_SECONDS}`, 0, MAX_WAIT_SECONDS, { description: 'How long to wait for the end of the proposal', default: MAX_WAIT_SECONDS }).default(MAX_WAIT_SECONDS)
})
