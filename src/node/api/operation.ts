/**
 * What all operations of the API have in common, in the OpenAPI document and when they run.
 *
 * A file in `routes/` describes each of its operations by {@link operation}, with the schemas of what it takes and gives and the
 * kinds of errors it may answer with, and exports a function that takes what it needs of the node and gives an OpenAPIHono
 * with `.openapi(description, handler)` for each.
 */

import { createRoute } from '@hono/zod-openapi'
import { show } from '../../consensus/encoding/check.ts'
import { ApiError, KINDS, PROBLEM_TYPE } from './problems.ts'
import { problemSchema } from './schemas/problem.ts'
import type { ProblemKind } from './problems.ts'
import type { Responses } from './schemas/describe.ts'
import type { Problem } from './types.ts'
import type { Hook, RouteConfig } from '@hono/zod-openapi'
import type { Env } from 'hono'
import type { z } from 'zod'

/** What may become of any request */
const COMMON: ProblemKind[] = ['ForbiddenHostError', 'ForbiddenOriginError', 'TooManyRequestsError', 'InternalError']
const OF_AUTHORIZED: ProblemKind[] = ['UnauthorizedError', 'NotStartedError']
const OF_INPUT: ProblemKind[] = ['InvalidInputError']
const OF_BODY: ProblemKind[] = ['BodyTooLargeError', 'UnsupportedMediaTypeError']

interface OperationConfig extends RouteConfig {
  operationId: string
  summary: string
}

type Route<P extends string, R extends OperationConfig & { path: P }> = ReturnType<typeof createRoute<P, R>>

/**
 * An operation as the OpenAPI document has it
 *
 * @param config - with the answers of success
 * @param problems - the kinds of errors that it answers with, besides those that any operation does
 */
export function operation <P extends string, R extends OperationConfig & { path: P }> (config: R, ...problems: ProblemKind[]): Route<P, R> {
  const { request, security, responses } = config
  const kinds: ProblemKind[] = [
    ...COMMON,
    ...security?.length === 0 ? [] : OF_AUTHORIZED,
    ...request == null ? [] : OF_INPUT,
    ...request?.body == null ? [] : OF_BODY,
    ...problems
  ]

  // what a handler may give is what the config says; errors are thrown
  return createRoute({ ...config, responses: { ...refusals(kinds), ...responses } }) as Route<P, R>
}

/** For operations that anybody may call */
export const PUBLIC: RouteConfig['security'] = []

/** The answers that kinds of errors give */
function refusals (kinds: ProblemKind[]): Responses {
  const statuses = [...new Set(kinds.map(kind => KINDS[kind].status))].sort((a, b) => a - b)

  return Object.fromEntries(statuses.map(status => {
    const names = [...new Set(kinds)].filter(kind => KINDS[kind].status === status)

    return [status, {
      description: names.map(name => `${KINDS[name].title} (\`${name}\`)`).join('; '),
      content: { [PROBLEM_TYPE]: { schema: problemSchema } }
    }]
  }))
}

/** What a field that is none of an object is called */
const TARGETS: Record<string, string> = { json: 'body', query: 'query', param: 'path' }

/** Throws InvalidInputError with every field that is wrong */
export const refuseInvalid: Hook<unknown, Env, string, undefined> = (result): undefined => {
  if (!result.success) {
    const { data } = result as unknown as { data: unknown }
    const errors = result.error.issues.flatMap(issue => fieldErrors(issue, data, TARGETS[result.target] ?? result.target))

    throw new ApiError('InvalidInputError', errors.map(({ field, message }) => `${field}: ${message}`).join('; '), { errors })
  }
}

function fieldErrors (issue: z.core.$ZodIssue, data: unknown, target: string): NonNullable<Problem['errors']> {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => ({ field: [...issue.path, key].join('.'), message: issue.message }))
  }

  if (issue.path.length === 0) {
    return [{ field: target, message: issue.message }]
  }

  const value = issue.path.reduce<any>((value, key) => value?.[key], data)

  return [{ field: issue.path.join('.'), message: `${issue.message}, ${value === undefined ? 'and is missing' : `got ${show(value)}`}` }]
}
