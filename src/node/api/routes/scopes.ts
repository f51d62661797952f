import { Hono } from 'hono'
import { ScopeNotJoinedError } from '../../../network/errors.ts'
import { toScopeInfo } from '../json.ts'
import { joinSchema, readBody, settingsSchema } from '../schemas.ts'
import type { Scope, ScopePolicyInput, Voting } from '../../../index.ts'
import type { ApiNode } from '../app.ts'

/** The scopes this node is a member of */
export function scopeRoutes ({ voting }: ApiNode): Hono {
  return new Hono()
    .get('/', context => context.json({ items: voting.scopes().map(toScopeInfo) }))
    .post('/', async context => {
      const { name, policy } = await readBody(context, joinSchema)
      const known = voting.scopes().length
      const scope = await voting.join(name ?? policy as ScopePolicyInput)

      return context.json(toScopeInfo(scope), voting.scopes().length > known ? 201 : 200)
    })
    .get('/:scope', context => context.json(toScopeInfo(requireScope(voting, context.req.param('scope')))))
    .patch('/:scope', async context => context.json(toScopeInfo(await voting.configure(context.req.param('scope'), await readBody(context, settingsSchema)))))
    .delete('/:scope', async context => {
      await voting.leave(context.req.param('scope'))

      return context.body(null, 204)
    })
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
