import { OpenAPIHono } from '@hono/zod-openapi'
import { fromString } from 'uint8arrays/from-string'
import { SessionNotFoundError } from '../../../consensus/errors.ts'
import { requireSession, sessionOf } from '../guard.ts'
import { toAddress, toProposalInfo, toProposalSummary } from '../json.ts'
import { operation } from '../operation.ts'
import { ApiError } from '../problems.ts'
import { json, jsonBody } from '../schemas/describe.ts'
import { scopeParams } from '../schemas/node.ts'
import { MAX_PAGE_LENGTH, listQuery, proposalInfo, proposalPage, proposalParams, proposeRequest, waitQuery } from '../schemas/proposals.ts'
import { requireScope } from './scopes.ts'
import type { Voting, ProposalSummary as VotingProposalSummary } from '../../../index.ts'
import type { ApiNode } from '../../interface.ts'
import type { Credentials } from '../guard.ts'
import type { Page, ProposalInfo, ProposalSummary } from '../types.ts'
import type { z } from '@hono/zod-openapi'

const second = 1_000

/** Milliseconds that a page may look for: votes are not to wait for it. So many proposals are looked at in any case. */
const SEARCH_TIME = 10
const MIN_SEARCHED = 2 * MAX_PAGE_LENGTH

const propose = operation({
  method: 'post',
  path: '/scopes/{scope}/proposals',
  operationId: 'propose',
  tags: ['proposals'],
  summary: 'Make a proposal',
  request: { params: scopeParams, body: jsonBody(proposeRequest) },
  responses: { 201: json(proposalInfo, 'The proposal') }
}, 'ScopeNotJoinedError', 'InvalidRequestError', 'NotListedError', 'ProposalAlreadyExistError', 'ProposalIdCollisionError', 'MissingSignerError', 'StorageWriteError', 'VoteLockError', 'VoteLockDamagedError')

const listProposals = operation({
  method: 'get',
  path: '/scopes/{scope}/proposals',
  operationId: 'listProposals',
  tags: ['proposals'],
  summary: 'The proposals of a scope, in pages',
  description: 'In the order the node learned of them, or the other way round. What has ended stays in the list for ever. A page may hold fewer than its limit, or none, and there ' +
    'are more all the same: a search looks at so many at a time. It is the last one if it has no cursor.',
  request: { params: scopeParams, query: listQuery },
  responses: { 200: json(proposalPage, 'A page of them') }
}, 'ScopeNotJoinedError')

const getProposal = operation({
  method: 'get',
  path: '/scopes/{scope}/proposals/{proposalId}',
  operationId: 'getProposal',
  tags: ['proposals'],
  summary: 'A proposal as it stands, with its votes',
  request: { params: proposalParams },
  responses: { 200: json(proposalInfo, 'The proposal') }
}, 'ScopeNotJoinedError', 'SessionNotFoundError')

const awaitDecision = operation({
  method: 'get',
  path: '/scopes/{scope}/proposals/{proposalId}/decision',
  operationId: 'awaitDecision',
  tags: ['proposals'],
  summary: 'Wait for the end of a proposal',
  description: 'Answers when the proposal has ended, or when the time to wait is over: then it is active still. If the session it was asked for in ends meanwhile, so does the wait, with 401.',
  request: { params: proposalParams, query: waitQuery },
  responses: { 200: json(proposalInfo, 'The proposal as it stands then') }
}, 'ScopeNotJoinedError', 'SessionNotFoundError')

/** The proposals of a scope. Requests that wait for a decision are answered at the shutdown signal. */
export function proposalRoutes ({ voting }: ApiNode, shutdown: AbortSignal, credentials: Credentials): OpenAPIHono {
  const routes = new OpenAPIHono()

  routes.openapi(propose, async context => {
    const { scope } = context.req.valid('param')
    const { payload, ...request } = context.req.valid('json')
    const { proposalId } = await voting.propose(scope, {
      ...request,
      payload: payload == null ? undefined : fromString(payload.slice(2).toLowerCase(), 'hex')
    })

    return context.json(await show(voting, scope, proposalId), 201)
  })
  routes.openapi(listProposals, async context => {
    const page = await list(voting, context.req.valid('param').scope, context.req.valid('query'))

    return context.json(page, 200)
  })
  routes.openapi(getProposal, async context => {
    const { scope, proposalId } = context.req.valid('param')

    return context.json(await show(voting, scope, proposalId), 200)
  })
  routes.openapi(awaitDecision, async context => {
    const { scope, proposalId } = context.req.valid('param')
    const { waitSeconds } = context.req.valid('query')
    const session = sessionOf(context, credentials)
    const ended = session == null ? [] : [credentials.sessions.signal(session)]
    const signal = AbortSignal.any([AbortSignal.timeout(waitSeconds * second), context.req.raw.signal, shutdown, ...ended])

    try {
      await voting.decision(scope, proposalId, { signal })
    } catch (err) {
      // that it has not ended yet is an answer, too
      if (!signal.aborted) {
        throw err
      }
    }

    // it may have ended meanwhile, and nothing is told to who was let in by it any more
    if (session != null) {
      requireSession(credentials.sessions, session)
    }

    return context.json(await show(voting, scope, proposalId), 200)
  })

  return routes
}

async function show (voting: Voting, scope: string, proposalId: number): Promise<ProposalInfo> {
  const { open } = requireScope(voting, scope)

  return toProposalInfo(await voting.get(scope, proposalId), open)
}

/**
 * A page of those that are asked for. All others have to be looked at to find them, so that a page may hold fewer than it could,
 * and the next one begins where this one has given up.
 */
async function list (voting: Voting, scope: string, { limit, cursor, state, order, search = '' }: z.output<typeof listQuery>): Promise<Page<ProposalSummary>> {
  const { open } = requireScope(voting, scope)
  const words = search.trim().toLowerCase()
  const items: ProposalSummary[] = []
  const begin = performance.now()
  let last: number | undefined
  let searched = 0

  try {
    // those that are active are found without the others
    for await (const proposal of voting.list(scope, { after: cursor, newestFirst: order === 'newest', state: state === 'active' ? state : undefined })) {
      if (items.length === limit || (searched >= MIN_SEARCHED && performance.now() - begin > SEARCH_TIME)) {
        return { items, cursor: `${last}` }
      }

      last = proposal.proposalId
      searched++

      if ((state == null || proposal.state === state) && matches(proposal, words)) {
        items.push(toProposalSummary(proposal, open))
      }
    }
  } catch (err) {
    if (err instanceof SessionNotFoundError) {
      const message = `must be what the page before gave, got ${cursor}, which is no proposal of the scope any more`

      throw new ApiError('InvalidInputError', `cursor: ${message}`, { errors: [{ field: 'cursor', message }] })
    }

    throw err
  }

  return { items }
}

/** One group of a fingerprint: with fewer digits too many would begin so */
const FINGERPRINT_BEGIN = /^[0-9a-f]{4}-/

/** Whether a proposal is meant: all words are in its name, or its id, its fingerprint or its proposer's address begins so */
function matches ({ name, proposalId, fingerprint, proposalOwner }: VotingProposalSummary, search: string): boolean {
  if (search === '') {
    return true
  }

  const text = name.toLowerCase()

  return search.split(/\s+/).every(word => text.includes(word)) ||
    `${proposalId}`.startsWith(search.replace(/^#/, '')) ||
    (FINGERPRINT_BEGIN.test(search) && fingerprint?.startsWith(search) === true) ||
    (search.startsWith('0x') && toAddress(proposalOwner).toLowerCase().startsWith(search))
}
