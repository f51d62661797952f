import type { Problem } from './types.ts'

/** The node refused a request; the message says what was wrong, the value, what to do */
export class ApiProblemError extends Error {
  readonly name = 'ApiProblemError'
  readonly problem: Problem

  constructor (problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }

  /** The name of the error at the node, for instance `ScopeNotJoinedError` */
  get kind (): string {
    return this.problem.type.split(':').pop() ?? ''
  }

  get status (): number {
    return this.problem.status
  }
}

/** Nothing answers at the API's address, or the connection broke off */
export class NodeUnreachableError extends Error {
  readonly name = 'NodeUnreachableError'
}

/** What answers is not a node's control API */
export class UnexpectedAnswerError extends Error {
  readonly name = 'UnexpectedAnswerError'
}
