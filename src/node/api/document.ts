/**
 * The OpenAPI document of the control API.
 */

import { OpenAPIHono } from '@hono/zod-openapi'
import { version } from '../host/version.ts'
import { nodeEvent } from './schemas/events.ts'
import { problemSchema } from './schemas/problem.ts'

const PATH = '/openapi.json'

const DESCRIPTION = `Drives a libp2p-voting node: its scopes, proposals and votes.

Times are Unix seconds. Addresses of voters are 0x and 40 hex digits with their checksum. Bytes are 0x and hex digits.

Every error is an RFC 9457 problem: \`type\` tells kinds apart, \`detail\` says what was wrong, the value, and what to do, \`errors\` names
the fields that are not valid.`

const TAGS = [
  { name: 'access', description: 'How a browser is let in' },
  { name: 'health', description: 'For supervisors and Prometheus' },
  { name: 'node', description: 'The node itself and the peers it is connected with' },
  { name: 'scopes', description: 'The groups of voters that the node is a member of, with the rules they decide by' },
  { name: 'proposals', description: 'What is decided' },
  { name: 'votes', description: 'The votes on a proposal' },
  { name: 'proofs', description: 'Certificates of results, and evidence against who has voted both ways: files that anybody can verify' },
  { name: 'events', description: 'What happens, as it happens' }
]

/** Serves the document that describes an API. Called when all of its routes are known. */
export function documentRoute (api: OpenAPIHono): OpenAPIHono {
  let document: string | undefined

  return new OpenAPIHono().get(PATH, context => {
    document ??= JSON.stringify(describe(api))

    return context.body(document, 200, { 'content-type': 'application/json' })
  }) as unknown as OpenAPIHono
}

function describe (api: OpenAPIHono): object {
  const { openAPIRegistry } = api

  openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'The content of api.token in the data directory of the node. It changes at each start.'
  })
  openAPIRegistry.registerComponent('securitySchemes', 'cookie', {
    type: 'apiKey',
    in: 'cookie',
    name: 'libp2p-voting-{port}',
    description: 'What a browser gets for a link; the name ends in the port of the API. Only with requests of the node\'s own page.'
  })
  openAPIRegistry.register('NodeEvent', nodeEvent)
  openAPIRegistry.register('Problem', problemSchema)

  return api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'libp2p-voting control API', version, description: DESCRIPTION, license: { name: 'MIT OR Apache-2.0' } },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { cookie: [] }],
    tags: TAGS
  })
}
