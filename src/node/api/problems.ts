/**
 * Errors of the control API, as RFC 9457 problem details.
 */

import type { Problem } from './types.ts'

const CONTENT_TYPE = 'application/problem+json'
const TYPE_PREFIX = 'urn:libp2p-voting:problem:'

interface Kind {
  status: number
  title: string
}

/** Kinds of errors by their names; all others are the node's own fault */
const KINDS: Record<string, Kind> = {
  // of the API
  UnauthorizedError: { status: 401, title: 'Not authorized' },
  ForbiddenHostError: { status: 403, title: 'Wrong host' },
  InvalidInputError: { status: 400, title: 'Invalid request' },
  BodyTooLargeError: { status: 413, title: 'Body too large' },
  RouteNotFoundError: { status: 404, title: 'No such resource' },
  MethodNotAllowedError: { status: 405, title: 'Method not allowed' },
  TooManyStreamsError: { status: 503, title: 'Too many event streams' },
  // of the service
  InvalidRequestError: { status: 400, title: 'Invalid request' },
  InvalidPolicyError: { status: 400, title: 'Invalid policy' },
  ScopeNotJoinedError: { status: 404, title: 'Scope not joined' },
  ScopeConflictError: { status: 409, title: 'Scope joined under another policy' },
  NotSyncedError: { status: 409, title: 'Not synced yet' },
  NotStartedError: { status: 503, title: 'The node is not running' },
  ProofRefusedError: { status: 409, title: 'The proof cannot be taken in' },
  // of the disk
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
  MissingSignerError: { status: 409, title: 'The node has no voter key' }
}

/** A kind of error of the API itself, by its name in the table above */
export class ApiError extends Error {
  readonly name: string
  readonly errors?: Problem['errors']

  constructor (name: string, message: string, errors?: Problem['errors']) {
    super(message)
    this.name = name
    this.errors = errors
  }
}

export function toProblem (err: Error & { errors?: Problem['errors'] }): Problem {
  const kind = KINDS[err.name]

  return {
    type: `${TYPE_PREFIX}${kind == null ? 'InternalError' : err.name}`,
    title: kind?.title ?? 'The node has failed',
    status: kind?.status ?? 500,
    detail: err.message,
    ...(err instanceof ApiError && err.errors != null ? { errors: err.errors } : {})
  }
}

export function problemResponse (err: Error): Response {
  const problem = toProblem(err)

  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      'content-type': CONTENT_TYPE,
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {})
    }
  })
}
