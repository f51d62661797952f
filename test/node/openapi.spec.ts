import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { generatePrivateKey } from 'viem/accounts'
import { VotingClient } from '../../src/client/index.ts'
import { parsePolicy } from '../../src/consensus/policy/policy.ts'
import { MAX_PROOF_LENGTH } from '../../src/consensus/proofs/proof.ts'
import { MAX_BODY_LENGTH } from '../../src/node/api/body.ts'
import { createNode } from '../../src/node/index.ts'
import { ethereumSigner, identityToAddress } from '../../src/signers/ethereum.ts'
import { call, expectProblem } from '../utils/api.ts'
import { now } from '../utils/messages.ts'
import { certificateFile, evidenceFile, quorumProposal } from '../utils/quorum.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { NodeEvent } from '../../src/client/index.ts'
import type { Proposal } from '../../src/index.ts'
import type { VotingNode } from '../../src/node/index.ts'
import type { Answer } from '../utils/api.ts'

/** What a request to an operation is made of */
interface Request {
  path?: Record<string, string>
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: unknown
}

interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  schema: any
}

interface Operation {
  id: string
  method: string
  path: string
  isPublic: boolean
  parameters: Parameter[]
  /** Whether the body is a file */
  takesFile: boolean
  /** JSON pointer to the schema of the body, if that is JSON */
  bodySchema?: string
  responses: Record<string, { content?: Record<string, unknown> }>
  pointer: string
}

const [alice, bob] = [1, 2].map(() => ethereumSigner(generatePrivateKey()))
const BOARD = parsePolicy({ name: 'board', voters: [alice, bob].map(({ identity }) => identityToAddress(identity)) })

describe('OpenAPI document', () => {
  let node: VotingNode
  let client: VotingClient
  let ajv: Ajv2020
  let operations: Operation[]

  const folder = useTempFolder()

  beforeEach(async () => {
    node = await createNode({ dataDirectory: join(folder.path, 'data'), lockDirectory: join(folder.path, 'locks'), local: true })
    client = new VotingClient(node.api)
    await client.join({ name: 'lobby' })
    await client.join({ policy: BOARD })

    const document = (await call(node.api.url, 'GET', '/openapi.json')).body

    operations = operationsOf(document)
    ajv = new Ajv2020({ strict: false, allErrors: true })
    ajv.addSchema(closed(document), 'api')
  })

  afterEach(async () => {
    await node.stop()
  })

  /** A request to each operation that succeeds, by the operation's id */
  const requests: Record<string, () => Promise<Request>> = {
    getLive: async () => ({}),
    getReady: async () => ({}),
    getMetrics: async () => ({}),
    getId: async () => ({}),
    getStatus: async () => ({}),
    listPeers: async () => ({}),
    followEvents: async () => ({ headers: { 'last-event-id': '1-1' } }),
    createLink: async () => ({}),
    openLink: async () => ({ query: { code: new URL((await client.createLink()).url).searchParams.get('code') ?? '' } }),
    endSession: async () => ({}),
    listScopes: async () => ({}),
    joinScope: async () => ({ body: { policy: { name: 'council', voters: [node.voter], threshold: '2/3' } } }),
    getScope: async () => ({ path: { scope: 'lobby' } }),
    configureScope: async () => ({ path: { scope: 'lobby' }, body: { retainVotesSeconds: 3_600 } }),
    leaveScope: async () => ({ path: { scope: 'lobby' } }),
    propose: async () => ({ path: { scope: 'lobby' }, body: { name: 'Go?', payload: '0x00ff', timeoutSeconds: 60, livenessCriteriaYes: false, expectedVotersCount: 2 } }),
    listProposals: async () => {
      await propose()
      await propose()

      return { path: { scope: 'lobby' }, query: { limit: '1', state: 'active', order: 'newest' } }
    },
    getProposal: async () => ({ path: await proposal() }),
    awaitDecision: async () => ({ path: await proposal(), query: { waitSeconds: '0' } }),
    getCertificate: async () => {
      const { proposalId } = await client.importProof(await certificate())

      return { path: { scope: 'board', proposalId: `${proposalId}` } }
    },
    getEvidence: async () => {
      const { proposalId } = await client.importProof(await evidence())

      return { path: { scope: 'board', proposalId: `${proposalId}`, voter: identityToAddress(alice.identity) }, headers: { accept: 'application/json' } }
    },
    listEvidence: async () => {
      const { proposalId } = await client.importProof(await evidence())

      return { path: { scope: 'board' }, query: { limit: '1', proposalId: `${proposalId}` } }
    },
    importProof: async () => ({ headers: { 'content-type': 'application/octet-stream' }, body: await certificate() }),
    castVote: async () => ({ path: await proposal(), body: { choice: 'yes', force: false } })
  }

  let count = 0

  async function certificate (): Promise<Uint8Array> {
    return certificateFile(alice, BOARD, boardProposal(), [alice, bob])
  }

  async function evidence (): Promise<Uint8Array> {
    return evidenceFile(alice, BOARD, boardProposal(), alice)
  }

  function boardProposal (): Proposal {
    return quorumProposal(alice, BOARD, { name: `Proposal ${count++}`, timestamp: now() })
  }

  async function propose (voters = 2): Promise<number> {
    return (await client.propose('lobby', { name: `Proposal ${count++}`, expectedVotersCount: voters })).proposalId
  }

  async function proposal (): Promise<Record<string, string>> {
    return { scope: 'lobby', proposalId: `${await propose()}` }
  }

  function requestOf (operation: Operation): () => Promise<Request> {
    const request = requests[operation.id]

    expect(request, `a request for ${operation.id} in this test`).to.be.a('function')

    return request
  }

  async function send ({ method, path, isPublic }: Operation, request: Request, headers: Record<string, string> = {}, body = encode(request.body)): Promise<Answer> {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(request.path?.[name] ?? ''))
    const query = new URLSearchParams(request.query).toString()

    return call(node.api.url, method, query === '' ? filled : `${filled}?${query}`, {
      headers: { ...isPublic ? {} : { authorization: `Bearer ${node.api.token}` }, ...request.headers, ...headers },
      body
    })
  }

  /** An answer is one of those that the document has for the operation */
  function expectDocumented ({ id, responses, pointer }: Operation, { status, type, text, body }: Answer): void {
    const response = responses[status]
    const name = `${status} of ${id}`

    expect(response, `${name}, which answered ${text}`).to.be.an('object')

    if (response.content == null) {
      expect(text, name).to.equal('')

      return
    }

    const media = type.split(';')[0]

    expect(Object.keys(response.content), name).to.include(media)
    expectValid(`${pointer}/responses/${status}/content/${escaped(media)}/schema`, body ?? text)
  }

  function expectValid (pointer: string, value: unknown): void {
    expect(ajv.validate({ $ref: `api#${pointer}` }, value), `${JSON.stringify(value)}: ${ajv.errorsText(ajv.errors)}`).to.equal(true)
  }

  function isValid (pointer: string, value: unknown): boolean {
    return ajv.validate({ $ref: `api#${pointer}` }, value)
  }

  it('is OpenAPI 3.1, and given to anybody', async () => {
    const { status, type, body } = await call(node.api.url, 'GET', '/openapi.json')

    expect(status).to.equal(200)
    expect(type).to.equal('application/json')
    expect(body).to.include({ openapi: '3.1.0' })
    expect(operations.map(({ id }) => id)).to.have.members(Object.keys(requests))
  })

  it('describes what each operation answers when all is well', async () => {
    for (const operation of operations) {
      const request = await requestOf(operation)()

      if (operation.bodySchema != null) {
        expectValid(operation.bodySchema, request.body)
      }

      const answer = await send(operation, request)

      expectDocumented(operation, answer)
      expect(answer.status, `${operation.id}: ${answer.text}`).to.be.lessThan(300)

      if (operation.id === 'leaveScope') {
        await client.join({ name: 'lobby' })
      }
    }
  })

  it('describes what each operation answers to what its schemas do not allow', async () => {
    for (const operation of operations) {
      const request = await requestOf(operation)()

      for (const { name, in: place, schema } of operation.parameters.filter(({ in: place }) => place !== 'header')) {
        for (const wrong of wrongValues(schema, `${operation.pointer}/parameters/${name}`)) {
          await expectRefused(operation, { ...request, [place]: { ...request[place as 'path' | 'query'], [name]: wrong } }, name)
        }
      }

      if (operation.parameters.some(({ in: place }) => place === 'query')) {
        await expectRefused(operation, { ...request, query: { ...request.query, unknown: '1' } }, 'unknown')
      }

      for (const [field, body] of operation.takesFile ? [] : wrongBodies(request.body)) {
        expect(isValid(operation.bodySchema ?? '', body), `${operation.id} ${JSON.stringify(body)}`).to.equal(false)
        await expectRefused(operation, { ...request, body }, field)
      }
    }
  })

  it('describes what each operation answers to those who may not call it, or do so in a wrong way', async () => {
    for (const operation of operations) {
      const request = await requestOf(operation)()
      const wrong: Array<[status: number, kind: string, answer: Answer]> = [
        [403, 'ForbiddenHostError', await send(operation, request, { host: 'example.org' })],
        [403, 'ForbiddenOriginError', await send(operation, request, { origin: 'http://example.org' })]
      ]

      if (!operation.isPublic) {
        wrong.push([401, 'UnauthorizedError', await send(operation, request, { authorization: '' })])
        wrong.push([401, 'UnauthorizedError', await send(operation, request, { authorization: 'Bearer x' })])
      }

      if (operation.bodySchema != null) {
        wrong.push([400, 'InvalidInputError', await send(operation, request, {}, '{')])
        wrong.push([400, 'InvalidInputError', await send(operation, request, {}, '')])
        wrong.push([415, 'UnsupportedMediaTypeError', await send(operation, request, { 'content-type': 'text/plain' })])
        wrong.push([413, 'BodyTooLargeError', await send(operation, request, {}, ' '.repeat(MAX_BODY_LENGTH + 1))])
      }

      if (operation.takesFile) {
        wrong.push([422, 'InvalidProofError', await send(operation, request, {}, '')])
        wrong.push([422, 'InvalidProofError', await send(operation, request, {}, 'text')])
        wrong.push([415, 'UnsupportedMediaTypeError', await send(operation, request, { 'content-type': 'application/json' })])
        wrong.push([413, 'BodyTooLargeError', await send(operation, request, {}, ' '.repeat(MAX_PROOF_LENGTH + 1))])
      }

      for (const [status, kind, answer] of wrong) {
        expectDocumented(operation, answer)
        expectProblem(answer, status, kind, /./)
      }
    }
  })

  it('describes what each operation answers where there is no such scope or proposal', async () => {
    for (const operation of operations) {
      for (const [name, value] of [['scope', 'nowhere'], ['proposalId', '7']]) {
        if (operation.parameters.some(parameter => parameter.name === name && parameter.in === 'path')) {
          const request = await requestOf(operation)()
          const answer = await send(operation, { ...request, path: { ...request.path, [name]: value } })

          expectDocumented(operation, answer)
          expect(answer.status, operation.id).to.equal(404)
        }
      }
    }
  })

  it('describes the events', async () => {
    const events: NodeEvent[] = []
    const stop = new AbortController()
    const following = client.events({
      signal: stop.signal,
      lastEventId: '1-1',
      onConnect: () => {
        propose(1).then(async proposalId => client.vote('lobby', proposalId, 'yes')).catch(() => {})
      }
    })

    for await (const event of following) {
      events.push(event)

      if (event.type === 'decided') {
        break
      }
    }

    stop.abort()
    expect(events.map(({ type }) => type)).to.include.members(['reset', 'proposal', 'vote', 'decided'])

    for (const event of events) {
      expectValid('/components/schemas/NodeEvent', event)
    }

    expect(isValid('/components/schemas/NodeEvent', { ...events[0], type: 'other' })).to.equal(false)
  })

  async function expectRefused (operation: Operation, request: Request, field: string): Promise<void> {
    const answer = await send(operation, request)

    expectDocumented(operation, answer)
    expect(answer.status, `${operation.id} with a wrong ${field}: ${answer.text}`).to.equal(400)
    // a policy that is wrong is refused by its own fields
    expect(answer.body.errors.map((error: { field: string }) => error.field.split('.')[0])).to.include(field)
  }
})

/** Files go as they are, all else as JSON */
function encode (body: unknown): string | Uint8Array | undefined {
  return body === undefined || body instanceof Uint8Array ? body : JSON.stringify(body)
}

function operationsOf (document: any): Operation[] {
  return Object.entries<any>(document.paths).flatMap(([path, methods]) => Object.entries<any>(methods).map(([method, { operationId, security, parameters = [], requestBody, responses }]) => {
    const pointer = `/paths/${escaped(path)}/${method}`

    return {
      id: operationId,
      method: method.toUpperCase(),
      path,
      isPublic: security?.length === 0,
      parameters,
      takesFile: requestBody?.content['application/octet-stream'] != null,
      bodySchema: requestBody?.content['application/json'] == null ? undefined : `${pointer}/requestBody/content/${escaped('application/json')}/schema`,
      responses,
      pointer
    }
  }))
}

/** A part of a JSON pointer in a URI */
function escaped (part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}

/** The schemas with nothing allowed that they do not name: who reads them may take it that there may be more, we may not send it */
function closed (schema: any): any {
  if (Array.isArray(schema)) {
    return schema.map(closed)
  }

  if (typeof schema !== 'object' || schema === null) {
    return schema
  }

  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))

  return copy.type === 'object' && copy.properties != null && copy.additionalProperties == null ? { ...copy, additionalProperties: false } : copy
}

/** Values in a path or query that a schema does not allow */
function wrongValues ({ type, enum: values, pattern, minimum, maximum }: any, name: string): string[] {
  const wrong: string[] = []

  if (type === 'integer') {
    wrong.push('x', '1.5', '-1', `${maximum + 1}`, ...minimum > 0 ? [`${minimum - 1}`] : [])
  } else if (values != null || pattern != null) {
    wrong.push('!')
  } else {
    expect(type, name).to.equal('string')
  }

  return wrong
}

/** What a body must not be, by the field that is wrong */
function wrongBodies (body: any): Array<[field: string, body: unknown]> {
  if (body == null) {
    return []
  }

  return [
    ['body', []],
    ['body', 'text'],
    ['body', null],
    ['unknown', { ...body, unknown: 1 }],
    ...Object.entries(body).map(([field, value]): [string, unknown] => [field, { ...body, [field]: Array.isArray(value) ? 'text' : [] }])
  ]
}
