import { once } from 'node:events'
import { Agent, get, request } from 'node:http'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { formatTally } from '../../src/cli/output.ts'
import { VotingClient } from '../../src/client/index.ts'
import { createNode } from '../../src/node/index.ts'
import { describeTally } from '../../src/node/page/words.ts'
import { ethereumSigner, identityToAddress } from '../../src/signers/ethereum.ts'
import { call as callUrl, expectProblem } from '../utils/api.ts'
import { boundVote } from '../utils/quorum.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { NodeEvent } from '../../src/client/index.ts'
import type { Proposal } from '../../src/index.ts'
import type { JoinedScope } from '../../src/network/scope/scope.ts'
import type { VotingNode } from '../../src/node/index.ts'
import type { Answer, CallOptions } from '../utils/api.ts'
import type { IncomingMessage } from 'node:http'

describe('control API', () => {
  let node: VotingNode
  let client: VotingClient

  afterEach(async () => {
    await node.stop()
  })

  const folder = useTempFolder()

  beforeEach(async () => {
    node = await createNode({ dataDirectory: join(folder.path, 'data'), lockDirectory: join(folder.path, 'locks'), local: true })
    client = new VotingClient(node.api)
  })

  async function call (method: string, path: string, { body, headers = {} }: CallOptions = {}): Promise<Answer> {
    return callUrl(node.api.url, method, path, { body, headers: { authorization: `Bearer ${node.api.token}`, ...headers } })
  }

  it('says in the status why proposals are not decided, and what somebody has to look into', async () => {
    const signers = [1, 2, 3].map(() => ethereumSigner(generatePrivateKey()))
    const { policy } = await client.join({ policy: { name: 'council', voters: signers.map(({ identity }) => identityToAddress(identity)), proposers: [node.voter] } })
    const { consensus } = node.voting
    const ids: number[] = []

    for (let i = 0; i < 12; i++) {
      ids.push((await client.propose('council', { name: `${i}` })).proposalId)
    }

    const [first, second] = ids
    const { key } = node.voting.scopes()[0] as JoinedScope
    const cast = async (proposalId: number, ...votes: number[]): Promise<void> => {
      const proposal = (await consensus.storage.getSession(key, proposalId))?.toProposal() as Proposal

      for (const vote of votes) {
        await consensus.processIncomingVote(key, await boundVote(signers[Math.abs(vote) - 1], policy, proposal, vote > 0))
      }
    }

    await cast(first, 1, 2, -1, -2)
    await cast(second, -3)

    const { undecided, alarms } = await client.status()
    const proposal = await client.proposal('council', second)

    expect(undecided.total).to.equal(11)
    expect(undecided.items).to.have.lengthOf(10)
    expect(undecided.items[0]).to.deep.equal({ scope: 'council', proposalId: second, name: '1', deadline: proposal.deadline, reason: 'It is open. 2 more yes or 1 more no would make a quorum of 2 of 3.', missing: { yes: 2, no: 1 }, endsAt: proposal.deadline + 25 })
    expect(proposal).to.deep.include({ quorum: 2, undecided: { reason: undecided.items[0].reason, missing: { yes: 2, no: 1 }, endsAt: proposal.deadline + 25 } })
    const { fingerprint } = await client.proposal('council', first)

    expect(fingerprint).to.match(/^[0-9a-f]{4}(-[0-9a-f]{4}){3}$/)
    expect(alarms).to.deep.equal([
      { scope: 'council', proposalId: first, fingerprint, proposer: node.voter, name: '0', kind: 'contradicted', reason: 'it was decided yes, and no has got the votes of a quorum, too: other members may have the opposite result', culprits: [0, 1].map(index => identityToAddress(signers[index].identity)) }
    ])
    expect(await client.proposal('council', first)).to.include({ state: 'reached', result: 'yes', contradicted: true }).and.not.have.property('undecided')
    expect((await client.proposals('council', { state: 'reached' })).items[0]).to.include({ contradicted: true })
  })

  it('shows a voter who has signed both ways, one out of time, and counts the timely vote alone', async () => {
    const signers = [1, 2].map(() => ethereumSigner(generatePrivateKey()))
    const { policy } = await client.join({ policy: { name: 'council', voters: [node.voter, ...signers.map(({ identity }) => identityToAddress(identity))] } })
    const { proposalId } = await client.propose('council', { name: 'Both?' })
    const { consensus } = node.voting
    const { key } = node.voting.scopes()[0] as JoinedScope
    const proposal = (await consensus.storage.getSession(key, proposalId))?.toProposal() as Proposal
    const [cheat] = signers

    await consensus.processEvidence(key, { first: await boundVote(cheat, policy, proposal, true, { timestamp: proposal.timestamp }), second: await boundVote(cheat, policy, proposal, false, { timestamp: proposal.timestamp - 1n }) })

    const shown = { tally: { yes: 1, no: 0 }, doubleVoters: 1 }

    expect(await client.proposal('council', proposalId)).to.deep.include(shown)
    expect((await client.proposals('council')).items[0]).to.deep.include(shown)
    expect((await client.evidence('council')).items.map(({ voter, votes }) => ({ voter, votes: votes.map(({ choice, timestamp }) => [choice, timestamp]) }))).to.deep.equal([
      { voter: identityToAddress(cheat.identity), votes: [['yes', Number(proposal.timestamp)], ['no', Number(proposal.timestamp - 1n)]] }
    ])
    expect(formatTally(await client.proposal('council', proposalId))).to.match(/^1 yes, 0 no of 3, .*1 both/)
    expect(describeTally(await client.proposal('council', proposalId))).to.include('1 yes, 0 no of 3 voters, 1 of them both')
  })

  it('listens on loopback only', () => {
    expect(node.api.url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/)
  })

  it('wants the token, as a bearer', async () => {
    for (const authorization of ['', 'Bearer', 'Bearer ', `Basic ${node.api.token}`, node.api.token]) {
      expectProblem(await call('GET', '/id', { headers: { authorization } }), 401, 'UnauthorizedError', /no bearer token/)
    }

    for (const token of ['x', node.api.token.slice(1), `${node.api.token}0`, node.api.token.toUpperCase().replace(/^./, 'G')]) {
      expectProblem(await call('GET', '/id', { headers: { authorization: `Bearer ${token}` } }), 401, 'UnauthorizedError', /not the one of this node/)
    }

    expectProblem(await call('POST', '/scopes', { headers: { authorization: 'Bearer x' }, body: '{"name":"lobby"}' }), 401, 'UnauthorizedError', /not the one/)
    expect(node.voting.scopes()).to.deep.equal([])
  })

  it('answers to its own names only', async () => {
    const { port } = new URL(node.api.url)

    for (const host of ['example.org', `example.org:${port}`, '127.0.0.1', 'localhost:1', `127.0.0.2:${port}`, `0.0.0.0:${port}`]) {
      expectProblem(await call('GET', '/id', { headers: { host } }), 403, 'ForbiddenHostError', new RegExp(`must be 127\\.0\\.0\\.1:${port} or localhost:${port}, got "${host}"`))
    }

    expect((await call('GET', '/id', { headers: { host: `localhost:${port}` } })).status).to.equal(200)
  })

  it('refuses bodies that are too large, whether they say so or not', async () => {
    const body = new Uint8Array(4 * 1024 * 1024 + 1).fill(32)

    expectProblem(await call('POST', '/scopes', { body }), 413, 'BodyTooLargeError', /at most 4194304 bytes/)
    expectProblem(await call('POST', '/scopes', { body, headers: { 'transfer-encoding': 'chunked' } }), 413, 'BodyTooLargeError', /at most 4194304 bytes/)
    expect((await call('GET', '/id')).status).to.equal(200)
  })

  it('takes a body in chunks', async () => {
    const { status, body } = await call('POST', '/scopes', { body: '{"name":"lobby"}', headers: { 'transfer-encoding': 'chunked' } })

    expect(status).to.equal(201)
    expect(body).to.include({ name: 'lobby', open: true })
  })

  it('names every field that is wrong', async () => {
    await client.join({ name: 'lobby' })

    const wrong: Array<[method: string, path: string, body: unknown, detail: RegExp]> = [
      ['POST', '/scopes', {}, /must have either a name or a policy/],
      ['POST', '/scopes', { name: 'a', policy: {} }, /must have either a name or a policy/],
      ['POST', '/scopes', { name: 1 }, /name: must be the name/],
      ['POST', '/scopes', { name: 'a', more: 1 }, /more: is not known here: known are name, policy/],
      ['POST', '/scopes/lobby/proposals', { payload: '0x123' }, /name: must be a string, and is missing; payload: must be 0x and an even number of hex digits, got "0x123"/],
      ['POST', '/scopes/lobby/proposals', { name: 'x', timeoutSeconds: '5' }, /timeoutSeconds: must be a number/],
      ['POST', '/scopes/lobby/proposals/1/votes', { choice: 'maybe' }, /choice: must be yes or no, got "maybe"/],
      ['POST', '/scopes/lobby/proposals/1/votes', { choice: true }, /choice: must be yes or no, got true/],
      ['POST', '/scopes/lobby/proposals/x/votes', { choice: 'yes' }, /proposalId: must be a proposal id/],
      ['POST', '/scopes/lobby/proposals/4294967296/votes', { choice: 'yes' }, /proposalId: must be a proposal id/],
      ['GET', '/scopes/lobby/proposals?limit=0', undefined, /limit: must be 1 to 100/],
      ['GET', '/scopes/lobby/proposals?limit=101', undefined, /limit: must be 1 to 100/],
      ['GET', '/scopes/lobby/proposals?state=done', undefined, /state: must be active, reached, failed or conflict/],
      ['GET', '/scopes/lobby/proposals?limits=1', undefined, /limits: is not known here: known are limit, cursor, state, search, order/],
      ['GET', '/scopes/lobby/proposals?cursor=x', undefined, /cursor: must be what the page before gave/],
      ['GET', '/scopes/lobby/proposals?cursor=7', undefined, /cursor: must be what the page before gave, got 7/]
    ]

    for (const [method, path, body, detail] of wrong) {
      expectProblem(await call(method, path, { body: body == null ? undefined : JSON.stringify(body) }), 400, 'InvalidInputError', detail)
    }

    expectProblem(await call('POST', '/scopes', { body: '{' }), 400, 'InvalidInputError', /body must be JSON/)
    expectProblem(await call('POST', '/scopes'), 400, 'InvalidInputError', /body: must have either a name or a policy/)
    expectProblem(await call('POST', '/scopes', { body: '' }), 400, 'InvalidInputError', /body must be JSON/)
    expectProblem(await call('POST', '/scopes', { body: '{"name":"lobby"}', headers: { 'content-type': 'text/plain' } }), 415, 'UnsupportedMediaTypeError', /must be application\/json, got "text\/plain"/)
  })

  it('has a problem for each mistake that the service finds', async () => {
    expectProblem(await call('GET', '/scopes/nowhere'), 404, 'ScopeNotJoinedError', /not in scope "nowhere"/)
    expectProblem(await call('GET', '/elections'), 404, 'RouteNotFoundError', /There is no GET \/elections/)
    const misspelt = await call('POST', '/scopes', { body: '{"policy":{"name":"x","voterz":[]}}' })

    expectProblem(misspelt, 400, 'InvalidPolicyError', /"voterz": is not known here: known are version, name, .*, voters, /)
    expect(misspelt.body.errors.map(({ field }: { field: string }) => field)).to.deep.equal(['policy.voterz'])
    expectProblem(await call('POST', '/scopes', { body: '{"name":"Not a name"}' }), 400, 'InvalidPolicyError', /name: must be 1 to 64/)

    await client.join({ name: 'lobby' })

    expectProblem(await call('POST', '/scopes', { body: JSON.stringify({ policy: { name: 'lobby', decisionRule: 'reference', minLifetimeSeconds: 1 } }) }), 409, 'ScopeConflictError', /lobby/)
    expectProblem(await call('GET', '/scopes/lobby/proposals/7'), 404, 'SessionNotFoundError', /no such proposal/)
    expectProblem(await call('POST', '/scopes/lobby/proposals', { body: '{"name":"x"}' }), 400, 'InvalidRequestError', /expectedVotersCount is needed/)

    const { proposalId } = await client.propose('lobby', { name: 'x', expectedVotersCount: 3 })

    await client.vote('lobby', proposalId, 'yes')
    expectProblem(await call('POST', `/scopes/lobby/proposals/${proposalId}/votes`, { body: '{"choice":"no"}' }), 409, 'UserAlreadyVotedError', /has voted/)
  })

  it('says which methods a path takes', async () => {
    const wrong: Array<[method: string, path: string, allow: string]> = [
      ['PUT', '/id', 'GET, HEAD'],
      ['DELETE', '/events', 'GET, HEAD'],
      ['PATCH', '/scopes', 'GET, POST, HEAD'],
      ['POST', '/scopes/lobby', 'GET, PATCH, DELETE, HEAD'],
      ['GET', '/scopes/lobby/proposals/7/votes', 'POST']
    ]

    for (const [method, path, allow] of wrong) {
      const refused = await call(method, path)

      expectProblem(refused, 405, 'MethodNotAllowedError', new RegExp(`^${path} takes .*, got ${method}$`))
      expect(refused.headers.allow?.split(', ')).to.have.members(allow.split(', '))
    }

    expectProblem(await call('PUT', '/elections'), 404, 'RouteNotFoundError', /There is no PUT \/elections/)
  })

  it('refuses a body that says something twice', async () => {
    const body = '{ "policy": { "name": "lobby", "decisionRule": "reference", "voters": null,\n  "voters": [] } }'

    expectProblem(await call('POST', '/scopes', { body }), 400, 'InvalidInputError', /body must be JSON: "voters" is said twice, again in line 2, column 3/)
    expect(node.voting.scopes()).to.deep.equal([])
  })

  it('answers 201 when it has joined, 200 when it was a member', async () => {
    expect((await call('POST', '/scopes', { body: '{"name":"lobby"}' })).status).to.equal(201)
    expect((await call('POST', '/scopes', { body: '{"name":"lobby"}' })).status).to.equal(200)
    expect((await call('DELETE', '/scopes/lobby')).status).to.equal(204)
  })

  it('gives lists in pages', async () => {
    await client.join({ name: 'lobby' })

    const ids: number[] = []

    for (let i = 0; i < 5; i++) {
      ids.push((await client.propose('lobby', { name: `${i}`, expectedVotersCount: i === 4 ? 1 : 2 })).proposalId)
    }

    await client.vote('lobby', ids[4], 'yes')

    const first = await client.proposals('lobby', { limit: 2 })
    const second = await client.proposals('lobby', { limit: 2, cursor: first.cursor })
    const third = await client.proposals('lobby', { limit: 2, cursor: second.cursor })

    expect([...first.items, ...second.items, ...third.items].map(({ proposalId }) => proposalId)).to.deep.equal(ids)
    expect(third.cursor).to.equal(undefined)
    expect((await client.proposals('lobby', { limit: 4, state: 'active' })).cursor).to.equal(undefined)
    expect((await client.proposals('lobby', { state: 'reached' })).items.map(({ proposalId }) => proposalId)).to.deep.equal([ids[4]])

    const all: number[] = []

    for await (const { proposalId } of client.allProposals('lobby', { limit: 1 })) {
      all.push(proposalId)
    }

    expect(all).to.deep.equal(ids)
  })

  it('searches names, ids and proposers', async () => {
    await client.join({ name: 'lobby' })

    for (const name of ['Upgrade the bridge', 'Raise the fee', 'Bridge fee']) {
      await client.propose('lobby', { name, expectedVotersCount: 2 })
    }

    const [first] = (await client.proposals('lobby')).items
    const found = async (search: string): Promise<string[]> => (await client.proposals('lobby', { search })).items.map(({ name }) => name)

    expect(await found('bridge')).to.deep.equal(['Upgrade the bridge', 'Bridge fee'])
    expect(await found(' FEE  bridge')).to.deep.equal(['Bridge fee'])
    expect(await found(`#${first.proposalId}`)).to.deep.equal([first.name])
    expect(await found(node.voter.slice(0, 12))).to.have.lengthOf(3)
    expect(await found('nothing like it')).to.deep.equal([])
    expect((await client.proposals('lobby', { search: 'bridge', state: 'reached' })).items).to.deep.equal([])
    expect((await client.proposals('lobby', { search: 'fee', order: 'newest', limit: 1 })).items.map(({ name }) => name)).to.deep.equal(['Bridge fee'])
    expectProblem(await call('GET', `/scopes/lobby/proposals?search=${'x'.repeat(257)}`), 400, 'InvalidInputError', /search: must be at most 256 characters/)
  })

  it('says that it is not ready while it cannot store', async () => {
    expect(await client.health()).to.deep.equal({ status: 'ok', checks: { voting: true, storage: true, bootstrap: true } })

    Object.defineProperty(node.storage, 'readOnly', { get: () => ({ since: 0, reason: 'no space left in /secret' }) })

    const { status, text } = await callUrl(node.api.url, 'GET', '/health/ready')

    expect(status).to.equal(503)
    expect(text).to.not.include('secret')
    expect(await client.health()).to.deep.equal({ status: 'unavailable', checks: { voting: true, storage: false, bootstrap: true } })
    expect((await callUrl(node.api.url, 'GET', '/health/live')).body).to.deep.equal({ status: 'ok', checks: {} })
  })

  it('keeps votes for as long as it is told, and results for ever', async () => {
    await client.join({ name: 'lobby' })

    const { proposalId } = await client.propose('lobby', { name: 'Go?', expectedVotersCount: 1, timeoutSeconds: 30 })

    await client.vote('lobby', proposalId, 'yes')
    expect(await client.configure('lobby', { retainVotesSeconds: 3600 })).to.have.property('retainVotesSeconds', 3600)
    expect(await client.proposal('lobby', proposalId)).to.include({ votesPruned: false })
    expectProblem(await call('PATCH', '/scopes/lobby', { body: '{"retainVotesSeconds":-1}' }), 400, 'InvalidRequestError', /retainVotesSeconds must be a whole number of seconds, or null to keep votes for ever, got -1/)
    expectProblem(await call('PATCH', '/scopes/lobby', { body: '{}' }), 400, 'InvalidInputError', /retainVotesSeconds/)
    expectProblem(await call('PATCH', '/scopes/nowhere', { body: '{"retainVotesSeconds":null}' }), 404, 'ScopeNotJoinedError', /nowhere/)
    expect(await client.scope('lobby')).to.have.property('retainVotesSeconds', 3600)
    expect(await client.configure('lobby', { retainVotesSeconds: null })).to.have.property('retainVotesSeconds', null)
  })

  it('answers a wait for a decision after a while, and at once when it is made', async () => {
    await client.join({ name: 'lobby' })

    const { proposalId } = await client.propose('lobby', { name: 'x', expectedVotersCount: 1 })
    const path = `/scopes/lobby/proposals/${proposalId}/decision`

    expect((await call('GET', `${path}?waitSeconds=0`)).body).to.include({ state: 'active' })

    const waiting = client.decision('lobby', proposalId)

    await client.vote('lobby', proposalId, 'yes')
    expect(await waiting).to.include({ state: 'reached', result: 'yes' })
    expect((await call('GET', path)).body).to.include({ result: 'yes' })
  })

  it('ends waiting requests and event streams when the node stops', async () => {
    await client.join({ name: 'lobby' })

    const { proposalId } = await client.propose('lobby', { name: 'x', expectedVotersCount: 2 })
    const waiting = call('GET', `/scopes/lobby/proposals/${proposalId}/decision`)
    const events = client.events({ reconnect: false })
    const ended = events.next()

    await client.proposal('lobby', proposalId)

    const begin = Date.now()

    await Promise.all([node.stop(), ended, waiting.then(undefined, () => {})])
    expect(Date.now() - begin).to.be.lessThan(5_000)
    expect((await ended).done).to.equal(true)
  })

  it('says that the node stops to who asks once more by a connection that is open still', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const { hostname, port } = new URL(node.api.url)
    const ask = async (): Promise<[number | undefined, string]> => {
      const [response] = await once(request({ hostname, port, path: '/health/live', agent }).end(), 'response') as [IncomingMessage]

      return [response.statusCode, await text(response)]
    }

    expect((await ask())[0]).to.equal(200)

    // the connection is not idle, so the node leaves it time
    const { proposalId } = await client.join({ name: 'lobby' }).then(async () => client.propose('lobby', { name: 'x', expectedVotersCount: 2 }))
    const waiting = request({ hostname, port, path: `/scopes/lobby/proposals/${proposalId}/decision`, agent, headers: { authorization: `Bearer ${node.api.token}` } }).end()
    const answered = once(waiting, 'response').then(async ([response]) => text(response as IncomingMessage))
    const second = ask()

    await client.proposal('lobby', proposalId)
    await node.stop()
    await answered

    const [status, body] = await second

    expect(JSON.parse(body)).to.include({ type: 'urn:libp2p-voting:problem:NotStartedError', detail: 'The node is stopping' })
    expect(status).to.equal(503)
    agent.destroy()
  })

  describe('events', () => {
    async function collect (count: number, lastEventId?: string, onConnect?: () => void): Promise<NodeEvent[]> {
      const events: NodeEvent[] = []
      const stop = new AbortController()

      for await (const event of client.events({ signal: stop.signal, lastEventId, onConnect })) {
        events.push(event)

        if (events.length === count) {
          break
        }
      }

      stop.abort()

      return events
    }

    let count = 0

    async function decide (): Promise<number> {
      const { proposalId } = await client.propose('lobby', { name: `x\n\ndata: ${count++}`, payload: '0x00', expectedVotersCount: 1 })

      await client.vote('lobby', proposalId, 'no')

      return proposalId
    }

    beforeEach(async () => {
      await client.join({ name: 'lobby' })
    })

    it('tell what happens from now on', async () => {
      await decide()

      let deciding = Promise.resolve(0)
      const events = await collect(3, undefined, () => { deciding = decide() })
      const proposalId = await deciding

      expect(events.map(({ type }) => type)).to.deep.equal(['proposal', 'vote', 'decided'])
      expect(events[0].data).to.deep.include({ scope: 'lobby', proposalId, name: `x\n\ndata: ${count - 1}`, proposer: node.voter, open: true }).and.not.have.property('payload')
      expect(events[1].data).to.deep.include({ scope: 'lobby', proposalId, voter: node.voter, choice: 'no' })
      expect(events[2].data).to.deep.equal({ scope: 'lobby', proposalId, state: 'reached', result: 'no' })
    })

    it('go on where a follower was, with nothing missed and nothing twice', async () => {
      const first = await collect(1, undefined, () => { void decide() })
      const rest = await collect(2, first[0].id)

      expect(rest.map(({ type }) => type)).to.deep.equal(['vote', 'decided'])
      await decide()

      const next = await collect(3, rest[1].id)
      const numbers = [...first, ...rest, ...next].map(({ id }) => Number(id.split('-')[1]))

      expect(numbers).to.deep.equal([1, 2, 3, 4, 5, 6].map(number => numbers[0] + number - 1))
    })

    it('begin anew, and say so, for a follower of another process', async () => {
      await decide()

      for (const lastEventId of ['1-1', 'nonsense', '99999999999999999999-1', (await collect(1, '1-1'))[0].id.replace(/-0$/, '-1000')]) {
        const [reset, proposal] = await collect(2, lastEventId)

        expect(reset.type).to.equal('reset')
        expect(proposal.type).to.equal('proposal')
      }
    })

    it('are given to 100 followers, no more', async () => {
      const stop = new AbortController()
      const streams = await Promise.all(Array.from({ length: 100 }, async () => open(stop.signal)))

      expect(streams.map(({ status }) => status)).to.deep.equal(new Array(100).fill(200))
      expectProblem(await call('GET', '/events'), 503, 'TooManyStreamsError', /100 event streams already/)

      // who only asks for the headers takes no room
      const { url, token } = node.api
      const head = await fetch(`${url}/events`, { method: 'HEAD', headers: { authorization: `Bearer ${token}` } })
      expect(head.status).to.equal(200)

      // who leaves makes room
      stop.abort()
      await pWaitFor(async () => {
        const { status, body } = await open(new AbortController().signal)
        await body?.cancel()

        return status === 200
      })
    })

    it('are compressed for who takes that, to the same text, and to an end that is one', async () => {
      const [plain, compressed] = await Promise.all(['gzip;q=0, br', 'deflate, gzip'].map(async encoding => {
        const [response] = await once(get(`${node.api.url}/events`, { headers: { authorization: `Bearer ${node.api.token}`, 'accept-encoding': encoding } }), 'response') as [IncomingMessage]
        let read = ''
        let bytes = 0
        const body = response.headers['content-encoding'] === 'gzip' ? createGunzip() : new PassThrough()

        response.on('data', chunk => { bytes += chunk.length })
        body.on('data', chunk => { read += chunk })

        return { response, ended: pipeline(response, body), read: () => read, bytes: () => bytes }
      }))

      expect(plain.response.headers).to.include({ vary: 'accept-encoding' }).and.not.have.property('content-encoding')
      expect(compressed.response.headers).to.include({ vary: 'accept-encoding', 'content-encoding': 'gzip' })

      const ids = await Promise.all(Array.from({ length: 20 }, decide))

      // as it comes, not when a buffer is full
      await pWaitFor(() => [plain, compressed].every(({ read }) => ids.every(id => new RegExp(`event: decided\ndata: .*"proposalId":${id},`).test(read()))))
      await Promise.all([node.stop(), plain.ended, compressed.ended])
      expect(compressed.read()).to.equal(plain.read())
      expect(compressed.bytes()).to.be.lessThan(plain.bytes() / 2)
    })

    async function open (signal: AbortSignal): Promise<Response> {
      return fetch(`${node.api.url}/events`, { headers: { authorization: `Bearer ${node.api.token}` }, signal })
    }
  })
})
