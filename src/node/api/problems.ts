/**
 * Errors of the control API, as RFC 9457 problem details.
 */

import { z } from '@hono/zod-openapi'
import { InvalidPolicyError } from '../../consensus/errors.ts'
import { MAX_PROBLEMS } from '../../consensus/policy/policy.ts'
import { InvalidRequestError } from '../../network/errors.ts'
import type { Problem } from './types.ts'

export const PROBLEM_TYPE = 'application/problem+json'
const TYPE_PREFIX = 'urn:libp2p-voting:problem:'

interface Kind {
  status: number
  title: string
}

/** Kinds of errors by their names */
export const KINDS = {
  // of the API
  UnauthorizedError: { status: 401, title: 'Not authorized' },
  ForbiddenHostError: { status: 403, title: 'Wrong host' },
  ForbiddenOriginError: { status: 403, title: 'Wrong origin' },
  TooManyRequestsError: { status: 429, title: 'Too many requests' },
  LinkNotValidError: { status: 410, title: 'The link is not good' },
  InvalidInputError: { status: 400, title: 'Invalid request' },
  BodyTooLargeError: { status: 413, title: 'Body too large' },
  HeadersTooLargeError: { status: 431, title: 'Headers too large' },
  RequestTimeoutError: { status: 408, title: 'Request too slow' },
  UnsupportedMediaTypeError: { status: 415, title: 'Wrong type of body' },
  RouteNotFoundError: { status: 404, title: 'No such resource' },
  MethodNotAllowedError: { status: 405, title: 'Method not allowed' },
  TooManyStreamsError: { status: 503, title: 'Too many event streams' },
  // of the service
  InvalidRequestError: { status: 400, title: 'Invalid request' },
  InvalidPolicyError: { status: 400, title: 'Invalid policy' },
  ScopeNotJoinedError: { status: 404, title: 'Scope not joined' },
  ScopeConflictError: { status: 409, title: 'Scope joined under another policy' },
  NotListedError: { status: 403, title: 'Not on the list of the policy' },
  NotSyncedError: { status: 409, title: 'Not synced yet' },
  TooManyProposalsError: { status: 409, title: 'Too many active proposals' },
  NotStartedError: { status: 503, title: 'The node is not running' },
  ProofRefusedError: { status: 409, title: 'The proof cannot be taken in' },
  // of the disk
  StorageDamagedError: { status: 500, title: 'The store is damaged' },
  StorageWriteError: { status: 507, title: 'The node cannot store' },
  VoteLockError: { status: 507, title: 'The node cannot store what it votes' },
  VoteLockDamagedError: { status: 500, title: 'It is not known what this key has voted' },
  // of the core
  SessionNotFoundError: { status: 404, title: 'No such proposal' },
  ProposalAlreadyExistError: { status: 409, title: 'Proposed already' },
  ProposalIdCollisionError: { status: 409, title: 'Another proposal has this id' },
  TooManyVotersError: { status: 409, title: 'Too many voters' },
  UserAlreadyVotedError: { status: 409, title: 'Voted already' },
  DuplicateVoteError: { status: 409, title: 'Voted already' },
  ProposalExpiredError: { status: 409, title: 'Voting has ended' },
  VoteExpiredError: { status: 409, title: 'Voting has ended' },
  SessionNotActiveError: { status: 409, title: 'Voting has ended' },
  MaxRoundsExceededError: { status: 409, title: 'Too many voters' },
  InvalidCertificateError: { status: 422, title: 'The certificate proves nothing' },
  InvalidEvidenceError: { status: 422, title: 'The evidence proves nothing' },
  InvalidProofError: { status: 422, title: 'No proof' },
  ProofUnavailableError: { status: 409, title: 'There is no proof' },
  MissingSignerError: { status: 409, title: 'The node has no voter key' },
  /** All others are the node's own fault */
  InternalError: { status: 500, title: 'The node has failed' }
} as const satisfies Record<string, Kind>

export type ProblemKind = keyof typeof KINDS

/** A kind of error of the API itself, by its name in the table above */
export class ApiError extends Error {
  readonly name: ProblemKind
  readonly errors?: Problem['errors']
  /** Headers of the answer */
  readonly headers: Record<string, string>

  constructor (name: ProblemKind, message: string, { errors, headers = {} }: { errors?: Problem['errors'], headers?: Record<string, string> } = {}) {
    super(message)
    this.name = name
    this.errors = errors
    this.headers = headers
  }
}

export function toProblem (err: Error): Problem {
  const name: ProblemKind = err.name in KINDS ? err.name as ProblemKind : 'InternalError'
  const errors = fieldErrors(err)

  return {
    type: `${TYPE_PREFIX}${name}`,
    ...KINDS[name],
    detail: err.message,
    ...errors == null || errors.length === 0 ? {} : { errors }
  }
}

/** The fields of a request that an error is about, as far as it says */
function fieldErrors (err: Error): Problem['errors'] {
  if (err instanceof ApiError) {
    return err.errors
  }

  if (err instanceof InvalidRequestError && err.field != null) {
    return [{ field: err.field, message: err.message }]
  }

  if (err instanceof InvalidPolicyError && err.cause instanceof z.ZodError) {
    return err.cause.issues.slice(0, MAX_PROBLEMS).flatMap(issue => {
      const { path, message } = issue

      return issue.code === 'unrecognized_keys'
        ? issue.keys.slice(0, MAX_PROBLEMS).map(key => ({ field: ['policy', ...path, key].join('.'), message }))
        : [{ field: ['policy', ...path].join('.'), message }]
    })
  }
}

export function problemResponse (err: Error): Response {
  const problem = toProblem(err)

  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      'content-type': PROBLEM_TYPE,
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(err instanceof ApiError ? err.headers : {})
    }
  })
}
