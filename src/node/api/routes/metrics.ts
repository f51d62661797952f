import { OpenAPIHono, z } from '@hono/zod-openapi'
import { operation } from '../operation.ts'
import type { NodeMetrics } from '../../host/metrics.ts'

const getMetrics = operation({
  method: 'get',
  path: '/metrics',
  operationId: 'getMetrics',
  tags: ['health'],
  summary: 'What the node measures, for Prometheus',
  description: 'Of libp2p, of gossipsub, of the process and of voting, in the text format. Prometheus reads the token by `authorization: { credentials_file: …/api.token }`; a node that ' +
    'was started with --open-metrics wants none.',
  responses: { 200: { description: 'The figures, with help texts', content: { 'text/plain': { schema: z.string() } } } }
})

export function metricsRoutes (metrics: NodeMetrics): OpenAPIHono {
  const routes = new OpenAPIHono()

  routes.openapi(getMetrics, async context => context.body(await metrics.read(), 200, { 'content-type': metrics.contentType }) as never)

  return routes
}
