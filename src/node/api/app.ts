import { Hono } from 'hono'
import { METHOD_NAME_ALL } from 'hono/router'
import { checkHost, checkToken } from './guard.ts'
import { ApiError, problemResponse } from './problems.ts'
import { eventRoutes } from './routes/events.ts'
import { nodeRoutes } from './routes/node.ts'
import { proposalRoutes } from './routes/proposals.ts'
import { scopeRoutes } from './routes/scopes.ts'
import { voteRoutes } from './routes/votes.ts'
import type { EventLog } from './event-log.ts'
import type { VotingNode } from '../create-node.ts'

/** What the API needs of a node */
export type ApiNode = Omit<VotingNode, 'api' | 'stop' | 'firstStart'>

/**
 * The control API, without the server it runs on.
 *
 * @param port - where it is listened on, once it is
 */
export function createApp (node: ApiNode, events: EventLog, token: string, port: () => number): Hono {
  const app = new Hono()

  app.use(checkHost(port), checkToken(token))

  app.route('/', nodeRoutes(node))
  app.route('/', eventRoutes(events))
  app.route('/scopes', scopeRoutes(node))
  app.route('/scopes', proposalRoutes(node, events.signal))
  app.route('/scopes', voteRoutes(node))

  app.notFound(({ req }) => {
    const allowed = allowedMethods(app, req.path)

    if (allowed.length === 0) {
      return problemResponse(new ApiError('RouteNotFoundError', `There is no ${req.method} ${req.path}`))
    }

    const response = problemResponse(new ApiError('MethodNotAllowedError', `${req.path} takes ${allowed.join(', ')}, got ${req.method}`))

    response.headers.set('allow', allowed.join(', '))

    return response
  })
  app.onError((err, { req }) => {
    const response = problemResponse(err)

    if (response.status === 500) {
      node.libp2p.logger.forComponent('libp2p:voting:api').error('%s %s failed - %e', req.method, req.path, err)
    }

    return response
  })

  return app
}

/** The methods that a path takes; none if there is no such path */
function allowedMethods ({ router, routes }: Hono, path: string): string[] {
  const methods = new Set(routes.map(({ method }) => method))

  // what is there for all methods are the guards
  methods.delete(METHOD_NAME_ALL)

  const allowed = [...methods].filter(method => router.match(method, path)[0].some(([[, route]]) => route.method === method))

  return allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed
}
