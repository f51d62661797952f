import { OpenAPIHono } from '@hono/zod-openapi'
import { ScopeNotJoinedError } from '../../../network/errors.ts'
import { toScopeInfo } from '../json.ts'
import { operation } from '../operation.ts'
import { json, jsonBody } from '../schemas/describe.ts'
import { joinRequest, scopeInfo, scopePage, scopeParams, scopeSettingsRequest } from '../schemas/node.ts'
import type { Scope, ScopePolicyInput, Voting } from '../../../index.ts'
import type { ApiNode } from '../../interface.ts'

const listScopes = operation({
  method: 'get',
  path: '/scopes',
  operationId: 'listScopes',
  tags: ['scopes'],
  summary: 'The scopes this node is a member of',
  responses: { 200: json(scopePage, 'All of them') }
})

const joinScope = operation({
  method: 'post',
  path: '/scopes',
  operationId: 'joinScope',
  tags: ['scopes'],
  summary: 'Become a member of a scope',
  description: 'By its policy, or by its name for the open scope of that name under the default policy. It is joined again whenever the node starts.',
  request: { body: jsonBody(joinRequest) },
  responses: {
    200: json(scopeInfo, 'The node was a member already'),
    201: json(scopeInfo, 'The node has joined')
  }
}, 'InvalidPolicyError', 'ScopeConflictError', 'StorageWriteError')

const getScope = operation({
  method: 'get',
  path: '/scopes/{scope}',
  operationId: 'getScope',
  tags: ['scopes'],
  summary: 'A scope with its policy and peers',
  request: { params: scopeParams },
  responses: { 200: json(scopeInfo, 'The scope') }
}, 'ScopeNotJoinedError')

const configureScope = operation({
  method: 'patch',
  path: '/scopes/{scope}',
  operationId: 'configureScope',
  tags: ['scopes'],
  summary: 'Change what this node does with a scope by itself',
  request: { params: scopeParams, body: jsonBody(scopeSettingsRequest) },
  responses: { 200: json(scopeInfo, 'The scope as it is now') }
}, 'ScopeNotJoinedError', 'InvalidRequestError', 'StorageWriteError')

const leaveScope = operation({
  method: 'delete',
  path: '/scopes/{scope}',
  operationId: 'leaveScope',
  tags: ['scopes'],
  summary: 'Leave a scope',
  description: 'What is stored of it stays.',
  request: { params: scopeParams },
  responses: { 204: { description: 'The node has left' } }
}, 'ScopeNotJoinedError', 'StorageWriteError')

/** The scopes this node is a member of */
export function scopeRoutes ({ voting }: ApiNode): OpenAPIHono {
  const routes = new OpenAPIHono()

  routes.openapi(listScopes, context => context.json({ items: voting.scopes().map(toScopeInfo) }, 200))
  routes.openapi(joinScope, async context => {
    const { name, policy } = context.req.valid('json')
    const known = voting.scopes().length
    const scope = await voting.join(name ?? policy as ScopePolicyInput)

    return context.json(toScopeInfo(scope), voting.scopes().length > known ? 201 : 200)
  })
  routes.openapi(getScope, context => context.json(toScopeInfo(requireScope(voting, context.req.valid('param').scope)), 200))
  routes.openapi(configureScope, async context => {
    const scope = await voting.configure(context.req.valid('param').scope, context.req.valid('json'))

    return context.json(toScopeInfo(scope), 200)
  })
  routes.openapi(leaveScope, async context => {
    await voting.leave(context.req.valid('param').scope)

    return context.body(null, 204)
  })

  return routes
}

/** Throws ScopeNotJoinedError */
export function requireScope (voting: Voting, name: string): Scope {
  const scopes = voting.scopes()
  const scope = scopes.find(scope => scope.name === name)

  if (scope == null) {
    throw new ScopeNotJoinedError(name, scopes.map(({ name }) => name))
  }

  return scope
}
