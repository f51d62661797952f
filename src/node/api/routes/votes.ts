import { Hono } from 'hono'
import { toVoteInfo } from '../json.ts'
import { readBody, voteSchema } from '../schemas.ts'
import { toProposalId } from './proposals.ts'
import type { ApiNode } from '../app.ts'

/** The votes of a proposal, of which this node casts one */
export function voteRoutes ({ voting }: ApiNode): Hono {
  return new Hono()
    .post('/:scope/proposals/:id/votes', async context => {
      const proposalId = toProposalId(context.req.param('id'))
      const { choice, force } = await readBody(context, voteSchema)
      const vote = await voting.vote(context.req.param('scope'), proposalId, choice === 'yes', { force })

      return context.json(toVoteInfo({ owner: vote.voteOwner, choice: vote.vote, timestamp: vote.timestamp }), 201)
    })
}
