import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { Gauge, register } from 'prom-client'
import { VotingClient } from '../../../src/client/index.ts'
import { createNode } from '../../../src/node/index.ts'
import { call, expectProblem } from '../../utils/api.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { LogLine, NodeInit, VotingNode } from '../../../src/node/index.ts'

const DASHBOARD = new URL('../../../docs/grafana-dashboard.json', import.meta.url)

/** What a metric of ours measures is said by the end of its name, unless it counts things that are there now */
const COUNTED_NOW = ['active_proposals', 'parked_votes', 'alarms', 'outbox_messages', 'event_streams', 'scopes', 'members', 'scope_peers', 'other_policy_peers', 'storage_writable']

interface Metric {
  name: string
  help: string
  type: string
}

describe('metrics and log of a node', () => {
  const folder = useTempFolder()
  const nodes: VotingNode[] = []

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async node => node.stop()))
  })

  async function start (init: NodeInit = {}): Promise<VotingNode> {
    const node = await createNode({ dataDirectory: join(folder.path, `data-${nodes.length}`), lockDirectory: join(folder.path, 'locks'), local: true, ...init })

    nodes.push(node)

    return node
  }

  async function decide (node: VotingNode, name = 'Go?'): Promise<number> {
    await node.voting.join({ name: 'lobby' })

    const { proposalId } = await node.voting.propose('lobby', { name, expectedVotersCount: 1 })

    await node.voting.vote('lobby', proposalId, true)
    await node.voting.decision('lobby', proposalId)

    return proposalId
  }

  function metricsIn (text: string): Map<string, Metric> {
    const found = [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)]

    return new Map(found.map(([, name, help, type]) => [name, { name, help, type }]))
  }

  function valueOf (text: string, metric: string): number {
    return Number(new RegExp(`^${metric.replaceAll(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1])
  }

  it('are what Prometheus reads, each node\'s its own', async () => {
    const [node, other] = [await start(), await start()]

    await decide(node)

    const { type, text } = await call(node.api.url, 'GET', '/metrics', { headers: { authorization: `Bearer ${node.api.token}` } })

    expect(type).to.match(/^text\/plain; version=0\.0\.4/)
    expect(valueOf(text, 'libp2p_voting_decisions_total{result="yes"}')).to.equal(1)
    expect(valueOf(text, 'libp2p_voting_scopes')).to.equal(1)
    expect(valueOf(text, 'libp2p_voting_storage_writable')).to.equal(1)

    // counted on, and nothing twice
    await decide(node, 'Where?')

    for (let count = 0; count < 2; count++) {
      const later = await new VotingClient(node.api).metrics()

      expect(valueOf(later, 'libp2p_voting_decisions_total{result="yes"}')).to.equal(2)
      expect(valueOf(later, 'libp2p_voting_votes_total')).to.equal(2)
    }
    expect(valueOf(await new VotingClient(other.api).metrics(), 'libp2p_voting_scopes')).to.equal(0)
    expect(valueOf(await new VotingClient(other.api).metrics(), 'libp2p_voting_proposals_total')).to.equal(0)
  })

  it('need the token, unless the operator gives them to all', async () => {
    const [closed, open] = [await start(), await start({ openMetrics: true })]

    expectProblem(await call(closed.api.url, 'GET', '/metrics'), 401, 'UnauthorizedError', /no bearer token/)
    expect((await call(open.api.url, 'GET', '/metrics')).text).to.include('libp2p_voting_scopes 0')
    expectProblem(await call(open.api.url, 'GET', '/id'), 401, 'UnauthorizedError', /no bearer token/)
  })

  it('say in words what they are, and by their names in which unit', async () => {
    const ours = [...metricsIn(await new VotingClient((await start()).api).metrics()).values()].filter(({ name }) => name.startsWith('libp2p_voting_'))

    expect(ours).to.have.length.above(12)

    for (const { name, help, type } of ours) {
      expect(help, name).to.match(/^[A-Z][^_]+ [^_]+$/)

      if (type === 'counter') {
        expect(name).to.match(/_total$/)
      } else {
        expect(name).to.satisfy((name: string) => name.endsWith('_seconds') || COUNTED_NOW.includes(name.replace('libp2p_voting_', '')))
      }
    }
  })

  it('are gossipsub\'s own as well, as they are at that moment, by scope', async () => {
    const node = await start()
    const other = await start({ bootstrap: node.libp2p.getMultiaddrs().map(address => address.toString()) })

    await node.voting.join({ name: 'lobby' })
    await other.voting.join({ name: 'lobby' })
    await pWaitFor(async () => valueOf(await new VotingClient(node.api).metrics(), 'gossipsub_mesh_peer_count{topic="lobby"}') === 1)

    await other.voting.propose('lobby', { name: 'Go?', expectedVotersCount: 1 })
    await pWaitFor(async () => valueOf(await new VotingClient(node.api).metrics(), 'gossipsub_pre_validation_valid_total{topic="lobby"}') === 1)

    const text = await new VotingClient(node.api).metrics()

    expect(valueOf(text, 'gossipsub_mesh_peer_count{topic="lobby"}')).to.equal(1)
    expect(valueOf(text, 'gossipsub_topic_peer_count{topic="lobby"}')).to.equal(1)
    expect(valueOf(text, 'gossipsub_peers_by_score_threshold_count{threshold="mesh"}')).to.equal(1)
    expect(valueOf(text, 'gossipsub_score_min')).to.be.at.least(0)
    expect(metricsIn(text).get('gossipsub_pre_validation_valid_total')?.type).to.equal('counter')
    expect(metricsIn(text).get('gossipsub_mesh_peer_count')?.type).to.equal('gauge')
    expect([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)).to.have.lengthOf(metricsIn(text).size)

    const series = [...text.matchAll(/^\w+(\{.*\})? /gm)].map(([name]) => name)

    expect(new Set(series).size).to.equal(series.length)

    for (const { name, help } of [...metricsIn(text).values()].filter(({ name }) => name.startsWith('goss'))) {
      expect(help, name).to.match(/^[A-Z].* ./)
    }

    await node.voting.leave('lobby')
    expect(await new VotingClient(node.api).metrics()).to.not.include('topic="lobby"')
  })

  it('do not grow with what peers subscribe to or send', async () => {
    const node = await start()
    const other = await start({ bootstrap: node.libp2p.getMultiaddrs().map(address => address.toString()) })
    const pubsub = other.libp2p.services.pubsub as unknown as { sendRpc (to: string, rpc: object): boolean }
    const series = async (): Promise<number> => (await new VotingClient(node.api).metrics()).match(/^goss.*topic=.*$/gm)?.length ?? 0
    const flood = async (from: number, to: number): Promise<void> => {
      const topics = Array.from({ length: to - from }, (_, i) => `strange-${from + i}`)

      pubsub.sendRpc(node.libp2p.peerId.toString(), {
        subscriptions: topics.map(topic => ({ subscribe: true, topic })),
        messages: topics.map(topic => ({ topic, data: Uint8Array.of(1) }))
      })
      await pWaitFor(async () => valueOf(await new VotingClient(node.api).metrics(), 'gossipsub_pre_validation_invalid_total{topic="other"}') === to)
      await pWaitFor(() => node.libp2p.services.pubsub.getSubscribers(topics[topics.length - 1]).length === 1)
    }

    await node.voting.join({ name: 'lobby' })
    await other.voting.join({ name: 'lobby' })
    await pWaitFor(async () => valueOf(await new VotingClient(node.api).metrics(), 'gossipsub_mesh_peer_count{topic="lobby"}') === 1)
    await flood(0, 2)

    const before = await series()

    await flood(2, 30)
    expect(await series()).to.equal(before)
  })

  it('are all on the dashboard, which has no others', async () => {
    const dashboard = await readFile(DASHBOARD, 'utf8')
    const metrics = metricsIn(await new VotingClient((await start()).api).metrics())
    const shown = new Set([...JSON.stringify(JSON.parse(dashboard)).matchAll(/\b(?:libp2p|process|nodejs|gossipsub)_\w+/g)].map(([name]) => metrics.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '')))

    expect(shown.size).to.be.above(12)

    for (const name of shown) {
      expect(metrics.has(name), name).to.equal(true)
    }

    expect([...metrics.keys()].filter(name => name.startsWith('libp2p_voting_') && !shown.has(name))).to.deep.equal([])
  })

  it('leave alone what the process measures besides', async () => {
    const gauge = new Gauge({ name: 'of_the_host', help: 'Of the host' })

    gauge.set(7)

    try {
      const node = await start()

      expect(await register.getSingleMetricAsString('of_the_host')).to.include('of_the_host 7')
      expect(await new VotingClient(node.api).metrics()).to.not.include('of_the_host')
    } finally {
      register.removeSingleMetric('of_the_host')
    }
  })

  it('has one line for each decision', async () => {
    const lines: LogLine[] = []
    const node = await start({ onLog: line => lines.push(line) })
    const proposalId = await decide(node)

    await pWaitFor(() => lines.length >= 2)
    expect(lines.map(({ event }) => event)).to.deep.equal(['proposal', 'decided'])
    expect(lines[0]).to.include({ level: 'info', scope: 'lobby', proposalId, name: 'Go?', proposer: node.voter })
    expect(lines[0].message).to.not.include('Go?')
    expect(lines[1]).to.include({ level: 'info', scope: 'lobby', proposalId, result: 'yes', message: `proposal ${proposalId} in open scope lobby is decided: yes` })
    expect(lines[1].time).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  })

  it('has what the operator is warned of, too', async () => {
    const lines: LogLine[] = []
    const warnings: string[] = []

    await start({ apiHost: '0.0.0.0', onLog: line => lines.push(line), onWarning: message => warnings.push(message) })
    expect(lines.map(({ level, event, message }) => [level, event, message])).to.deep.equal(warnings.map(message => ['warn', 'warning', message]))
    expect(warnings).to.have.lengthOf(1)
  })

  it('tells of a peer with another policy as a warning', async () => {
    const lines: LogLine[] = []
    const node = await start({ onLog: line => lines.push(line) })
    const other = await start({ bootstrap: node.libp2p.getMultiaddrs().map(address => address.toString()) })

    await node.voting.join({ name: 'lobby' })
    await other.voting.join({ name: 'lobby', minLifetimeSeconds: 1 })
    await pWaitFor(() => lines.some(({ event }) => event === 'mismatch'))
    expect(lines.find(({ event }) => event === 'mismatch')).to.include({ level: 'warn', scope: 'lobby', peer: other.libp2p.peerId.toString() })
    await pWaitFor(async () => valueOf(await new VotingClient(node.api).metrics(), 'libp2p_voting_other_policy_peers') === 1)
  })
})
