import { Hono } from 'hono'
import { fromString } from 'uint8arrays/from-string'
import { SessionNotFoundError } from '../../../consensus/errors.ts'
import { toProposalInfo, toProposalSummary } from '../json.ts'
import { ApiError } from '../problems.ts'
import { check, pageSchema, proposalIdSchema, proposeSchema, readBody, waitSchema } from '../schemas.ts'
import { requireScope } from './scopes.ts'
import type { ListOptions, Voting } from '../../../index.ts'
import type { ApiNode } from '../app.ts'
import type { Page, ProposalInfo, ProposalSummary } from '../types.ts'

const second = 1_000

/** The proposals of a scope. Requests that wait for a decision are answered at the shutdown signal. */
export function proposalRoutes ({ voting }: ApiNode, shutdown: AbortSignal): Hono {
  return new Hono()
    .post('/:scope/proposals', async context => {
      const { payload, ...request } = await readBody(context, proposeSchema)
      const scope = context.req.param('scope')
      const { proposalId } = await voting.propose(scope, {
        ...request,
        payload: payload == null ? undefined : fromString(payload.slice(2).toLowerCase(), 'hex')
      })

      return context.json(await show(voting, scope, proposalId), 201)
    })
    .get('/:scope/proposals', async context => {
      const { limit, cursor, state, order } = check(pageSchema, context.req.query())

      return context.json(await list(voting, context.req.param('scope'), limit, { after: cursor, state, newestFirst: order === 'newest' }))
    })
    .get('/:scope/proposals/:id', async context => context.json(await show(voting, context.req.param('scope'), toProposalId(context.req.param('id')))))
    .get('/:scope/proposals/:id/decision', async context => {
      const { waitSeconds } = check(waitSchema, context.req.query())
      const scope = context.req.param('scope')
      const proposalId = toProposalId(context.req.param('id'))
      const signal = AbortSignal.any([AbortSignal.timeout(waitSeconds * second), context.req.raw.signal, shutdown])

      try {
        await voting.decision(scope, proposalId, { signal })
      } catch (err) {
        // that it has not ended yet is an answer, too
        if (!signal.aborted) {
          throw err
        }
      }

      return context.json(await show(voting, scope, proposalId))
    })
}

export function toProposalId (text: string): number {
  return check(proposalIdSchema, text, 'proposalId')
}

async function show (voting: Voting, scope: string, proposalId: number): Promise<ProposalInfo> {
  const { open } = requireScope(voting, scope)

  return toProposalInfo(await voting.get(scope, proposalId), open)
}

async function list (voting: Voting, scope: string, limit: number, options: ListOptions): Promise<Page<ProposalSummary>> {
  const { open } = requireScope(voting, scope)
  const items: ProposalSummary[] = []

  try {
    for await (const proposal of voting.list(scope, options)) {
      if (items.length === limit) {
        return { items, cursor: `${items[limit - 1].proposalId}` }
      }

      items.push(toProposalSummary(proposal, open))
    }
  } catch (err) {
    if (err instanceof SessionNotFoundError) {
      throw new ApiError('InvalidInputError', `cursor: must be what the page before gave, got ${options.after}, which is no proposal of the scope any more`)
    }

    throw err
  }

  return { items }
}
