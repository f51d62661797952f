import { OpenAPIHono } from '@hono/zod-openapi'
import { METHOD_NAME_ALL } from 'hono/router'
import { readBody } from './body.ts'
import { documentRoute } from './document.ts'
import { checkAccess } from './guard.ts'
import { secureHeaders } from './headers.ts'
import { checkHost } from './hosts.ts'
import { refuseInvalid } from './operation.ts'
import { ApiError, problemResponse } from './problems.ts'
import { limitRate } from './rate.ts'
import { eventRoutes } from './routes/events.ts'
import { healthRoutes } from './routes/health.ts'
import { linkRoutes, openRoutes } from './routes/links.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { nodeRoutes } from './routes/node.ts'
import { pageRoutes } from './routes/page.ts'
import { proofRoutes } from './routes/proofs.ts'
import { proposalRoutes } from './routes/proposals.ts'
import { scopeRoutes } from './routes/scopes.ts'
import { voteRoutes } from './routes/votes.ts'
import type { EventLog } from './event-log.ts'
import type { Credentials } from './guard.ts'
import type { Hosts } from './hosts.ts'
import type { RateLimit } from './rate.ts'
import type { NodeMetrics } from '../host/metrics.ts'
import type { ApiNode } from '../interface.ts'
import type { MiddlewareHandler } from 'hono'

export interface AppInit {
  node: ApiNode
  events: EventLog
  metrics: NodeMetrics
  credentials: Credentials
  hosts: Hosts
  rate: RateLimit
  /** Whether metrics are given to anybody */
  openMetrics: boolean
  /** Where the files of the page are */
  page: string
  /** Of the API, once it listens */
  url (): string
}

/**
 * The control API, without the server it runs on.
 */
export function createApp ({ node, events, metrics, credentials, hosts, rate, openMetrics, page, url }: AppInit): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: refuseInvalid })

  app.use(secureHeaders(), checkRunning(events.signal), checkHost(hosts), limitRate(rate))

  // what anybody may ask for comes before the guard
  app.route('/', documentRoute(app))
  app.route('/', healthRoutes(node))
  app.route('/', openRoutes(credentials))
  app.route('/', pageRoutes(page, credentials))

  if (openMetrics) {
    app.route('/', metricsRoutes(metrics))
  }

  app.use(checkAccess(credentials))
  // these take files, all others JSON
  app.route('/', proofRoutes(node))
  app.use(readBody())
  app.route('/', nodeRoutes(node))
  app.route('/', metricsRoutes(metrics))
  app.route('/', linkRoutes(credentials, url))
  app.route('/', eventRoutes(events, metrics, credentials))
  app.route('/', scopeRoutes(node))
  app.route('/', proposalRoutes(node, events.signal, credentials))
  app.route('/', voteRoutes(node))

  app.notFound(({ req }) => {
    const allowed = allowedMethods(app, req.path)

    return problemResponse(allowed.length === 0
      ? new ApiError('RouteNotFoundError', `There is no ${req.method} ${req.path}`)
      : new ApiError('MethodNotAllowedError', `${req.path} takes ${allowed.join(', ')}, got ${req.method}`, { headers: { allow: allowed.join(', ') } }))
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

/** Connections that are open when the node stops may ask once more: who does learns that it stops, and not of what is gone already */
function checkRunning (stopping: AbortSignal): MiddlewareHandler {
  return async (_, next) => {
    if (stopping.aborted) {
      throw new ApiError('NotStartedError', 'The node is stopping', { headers: { connection: 'close' } })
    }

    await next()
  }
}

/** The methods that a path takes; none if there is no such path */
function allowedMethods ({ router, routes }: OpenAPIHono, path: string): string[] {
  const methods = new Set(routes.map(({ method }) => method))

  // what is there for all methods are the guards
  methods.delete(METHOD_NAME_ALL)

  const allowed = [...methods].filter(method => router.match(method, path)[0].some(([[, route]]) => route.method === method))

  return allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed
}
