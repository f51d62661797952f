/**
 * Errors of the voting service. Those of the consensus core pass through it as they are.
 */

/** This node is no member of the scope */
export class ScopeNotJoinedError extends Error {
  readonly name = 'ScopeNotJoinedError'

  constructor (scope: string, joined: string[]) {
    super(`This node is not in scope "${scope}"; ${joined.length === 0 ? 'it is in none' : `it is in ${joined.join(', ')}`}. Join it first`)
  }
}

/** The scope is joined under another policy */
export class ScopeConflictError extends Error {
  readonly name = 'ScopeConflictError'
}

/** A request that the scope's policy or the protocol's limits do not allow; the message names the field */
export class InvalidRequestError extends Error {
  readonly name = 'InvalidRequestError'
  /** The field of the request, if the error is about one */
  readonly field?: string

  constructor (message: string, field?: string) {
    super(message)
    this.field = field
  }
}

/** The scope's policy does not list this node's key among those who may vote or propose */
export class NotListedError extends Error {
  readonly name = 'NotListedError'
}

/**
 * No vote is signed yet on a proposal that is older than this process, or than the restore of this node, since this key may have
 * voted on it already
 */
export class NotSyncedError extends Error {
  readonly name = 'NotSyncedError'
}

/** As many proposals are active as may be; others would not take one more */
export class TooManyProposalsError extends Error {
  readonly name = 'TooManyProposalsError'
}

/** A proof that is valid, and that this node cannot take in all the same; the message says why */
export class ProofRefusedError extends Error {
  readonly name = 'ProofRefusedError'
}
