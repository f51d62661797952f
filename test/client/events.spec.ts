import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { VotingClient } from '../../src/client/index.ts'
import { createNode } from '../../src/node/index.ts'
import { SlowLink } from '../utils/slow-link.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { ClientInit, EventsOptions, NodeEvent } from '../../src/client/index.ts'
import type { NodeInit, VotingNode } from '../../src/node/index.ts'

describe('events of the client', () => {
  const folder = useTempFolder()
  const events: NodeEvent[] = []
  let node: VotingNode
  let link: SlowLink | undefined
  let stop: AbortController
  let following: Promise<unknown>
  let connections: number
  let breaks: number

  beforeEach(async () => {
    events.length = 0
    connections = 0
    breaks = 0
    stop = new AbortController()
    following = Promise.resolve()
    node = await start()
    await node.voting.join({ name: 'lobby' })
  })

  afterEach(async () => {
    stop.abort()
    await following
    await link?.close()
    link = undefined
    await node.stop()
  })

  async function start (init: NodeInit = {}): Promise<VotingNode> {
    return createNode({ dataDirectory: join(folder.path, 'data'), lockDirectory: join(folder.path, 'locks'), local: true, apiAllowedHosts: ['127.0.0.1'], ...init })
  }

  async function connected (times: number): Promise<void> {
    await pWaitFor(() => connections === times, { timeout: 20_000 })
  }

  /** Follows until the test ends; gives how that ended otherwise */
  async function follow (init: ClientInit, options: EventsOptions = {}): Promise<void> {
    following = (async () => {
      for await (const event of new VotingClient(init).events({
        signal: stop.signal,
        onConnect: () => { connections++ },
        onDisconnect: () => { breaks++ },
        ...options
      })) {
        events.push(event)
      }
    })().catch((err: Error) => err)

    await Promise.race([connected(1), following])
  }

  async function propose (name: string): Promise<number> {
    return (await node.voting.propose('lobby', { name, expectedVotersCount: 2 })).proposalId
  }

  function names (): string[] {
    return events.map(event => event.type === 'proposal' ? event.data.name : event.type)
  }

  it('go on after a connection that broke off, before the first event as well, with nothing missed and nothing twice', async () => {
    link = await SlowLink.open(Number(new URL(node.api.url).port), 0)
    await follow({ url: `http://127.0.0.1:${link.port}`, token: node.api.token })

    for (let round = 1; round <= 3; round++) {
      link.cut()
      await propose(`while away ${round}`)
      await connected(round + 1)
      await propose(`after ${round}`)
      await pWaitFor(() => names().includes(`after ${round}`))
    }

    expect(names()).to.deep.equal([1, 2, 3].flatMap(round => [`while away ${round}`, `after ${round}`]))
    expect(new Set(events.map(({ id }) => id)).size).to.equal(6)
    expect(breaks).to.equal(3)
  })

  it('find a node that was started again, with another address and token, and say that its history is gone', async () => {
    let found = { url: node.api.url, token: node.api.token }

    await follow({ ...found, locate: async () => found })
    await propose('before')
    await pWaitFor(() => events.length === 1)
    await node.stop()
    await pWaitFor(() => breaks === 1)
    node = await start()
    await propose('while away')
    found = node.api
    await connected(2)
    await propose('after')
    await pWaitFor(() => events.length === 4)
    expect(names()).to.deep.equal(['before', 'reset', 'while away', 'after'])
    expect(breaks).to.equal(1)
  })

  it('end with what the node says if it was started again and nobody knows its new token', async () => {
    await follow({ url: node.api.url, token: node.api.token })

    const port = Number(new URL(node.api.url).port)

    await node.stop()
    node = await start({ apiPort: port })
    expect(await following).to.include({ name: 'ApiProblemError', status: 401 })
  })

  it('end at the signal, also while they wait for the node', async () => {
    await follow(node.api)
    await node.stop()
    await pWaitFor(() => breaks === 1)
    stop.abort(new Error('That is enough'))
    expect(await following).to.have.property('message', 'That is enough')
  })

  it('end with the connection if that is asked for', async () => {
    link = await SlowLink.open(Number(new URL(node.api.url).port), 0)
    await follow({ url: `http://127.0.0.1:${link.port}`, token: node.api.token }, { reconnect: false })
    link.cut()
    expect(await following).to.have.property('name', 'NodeUnreachableError')
    expect(breaks).to.equal(0)
  })

  it('fail at once where no node answers at first', async () => {
    const { url, token } = node.api

    await node.stop()
    await follow({ url, token })
    expect(await following).to.have.property('name', 'NodeUnreachableError')
    expect(connections).to.equal(0)
  })
})
