import { OpenAPIHono } from '@hono/zod-openapi'
import { toVoteInfo } from '../json.ts'
import { operation } from '../operation.ts'
import { json, jsonBody } from '../schemas/describe.ts'
import { proposalParams, voteInfo, voteRequest } from '../schemas/proposals.ts'
import type { ApiNode } from '../../interface.ts'

const castVote = operation({
  method: 'post',
  path: '/scopes/{scope}/proposals/{proposalId}/votes',
  operationId: 'castVote',
  tags: ['votes'],
  summary: 'Vote',
  description: 'One key votes once on a proposal: what it has signed is what counts, for ever.',
  request: { params: proposalParams, body: jsonBody(voteRequest) },
  responses: { 201: json(voteInfo, 'The vote') }
}, 'ScopeNotJoinedError', 'SessionNotFoundError', 'InvalidRequestError', 'NotListedError', 'NotSyncedError', 'UserAlreadyVotedError', 'DuplicateVoteError', 'ProposalExpiredError', 'VoteExpiredError',
'SessionNotActiveError', 'MaxRoundsExceededError', 'TooManyVotersError', 'MissingSignerError', 'StorageWriteError', 'VoteLockError', 'VoteLockDamagedError')

/** The votes of a proposal, of which this node casts one */
export function voteRoutes ({ voting }: ApiNode): OpenAPIHono {
  const routes = new OpenAPIHono()

  routes.openapi(castVote, async context => {
    const { scope, proposalId } = context.req.valid('param')
    const { choice, force } = context.req.valid('json')
    const { voteOwner, vote, timestamp } = await voting.vote(scope, proposalId, choice === 'yes', { force })

    return context.json(toVoteInfo({ owner: voteOwner, choice: vote, timestamp }), 201)
  })

  return routes
}
