import { OpenAPIHono } from '@hono/zod-openapi'
import { PUBLIC, operation } from '../operation.ts'
import { healthInfo } from '../schemas/access.ts'
import { json } from '../schemas/describe.ts'
import type { ApiNode } from '../../interface.ts'
import type { HealthInfo } from '../types.ts'

const getLive = operation({
  method: 'get',
  path: '/health/live',
  operationId: 'getLive',
  tags: ['health'],
  summary: 'Whether the process answers',
  description: 'If not, start it again.',
  security: PUBLIC,
  responses: { 200: json(healthInfo, 'It does') }
})

const getReady = operation({
  method: 'get',
  path: '/health/ready',
  operationId: 'getReady',
  tags: ['health'],
  summary: 'Whether the node can take votes and proposals',
  description: '`voting`: the service runs; `storage`: votes can be stored; `bootstrap`: one at least of the peers it was told to join by is connected, or there are none to. ' +
    'Without the last it is ready all the same: it may be the first to start.',
  security: PUBLIC,
  responses: {
    200: json(healthInfo, 'It can'),
    503: json(healthInfo, 'It cannot, for one of the checks')
  }
})

/** What supervisors ask for. Anybody may: it says nothing that is secret. */
export function healthRoutes (node: ApiNode): OpenAPIHono {
  const routes = new OpenAPIHono()

  routes.openapi(getLive, context => context.json({ status: 'ok' as const, checks: {} }, 200))
  routes.openapi(getReady, context => {
    const { status, checks } = readiness(node)

    return status === 'ok' ? context.json({ status, checks }, 200) : context.json({ status, checks }, 503)
  })

  return routes
}

function readiness ({ libp2p, storage, bootstrap }: ApiNode): HealthInfo {
  const peers = bootstrap.status()
  const checks = {
    voting: libp2p.status === 'started',
    storage: storage.readOnly == null,
    bootstrap: peers.length === 0 || peers.some(({ connected }) => connected)
  }

  return { status: checks.voting && checks.storage ? 'ok' : 'unavailable', checks }
}
