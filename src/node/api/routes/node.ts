import { OpenAPIHono } from '@hono/zod-openapi'
import { version } from '../../host/version.ts'
import { toAlarmInfo, toKeyAlarmInfo, toLocksInfo, toNewerFormatInfo, toPeerVoters, toScopeInfo, toUndecidedInfo } from '../json.ts'
import { operation } from '../operation.ts'
import { json } from '../schemas/describe.ts'
import { idInfo, peerPage, statusInfo } from '../schemas/node.ts'
import type { Scope } from '../../../index.ts'
import type { ApiNode } from '../../interface.ts'
import type { AlarmInfo, IdInfo, PeerInfo, StatusInfo, UndecidedProposal } from '../types.ts'
import type { PeerId } from '@libp2p/interface'

const second = 1_000

/** So many proposals are shown that have not ended; a list of all is a page or more */
const MAX_UNDECIDED = 10

const getId = operation({
  method: 'get',
  path: '/id',
  operationId: 'getId',
  tags: ['node'],
  summary: 'Who the node is',
  responses: { 200: json(idInfo, 'Its peer id, voter and addresses') }
})

const getStatus = operation({
  method: 'get',
  path: '/status',
  operationId: 'getStatus',
  tags: ['node'],
  summary: 'How the node is',
  responses: { 200: json(statusInfo, 'Its version, peers, storage and scopes') }
})

const listPeers = operation({
  method: 'get',
  path: '/peers',
  operationId: 'listPeers',
  tags: ['node'],
  summary: 'The peers that are connected',
  responses: { 200: json(peerPage, 'All of them') }
})

/** The node itself: who it is, how it is, whom it knows */
export function nodeRoutes (node: ApiNode): OpenAPIHono {
  const routes = new OpenAPIHono()

  routes.openapi(getId, context => context.json(id(node), 200))
  routes.openapi(getStatus, async context => context.json(await status(node), 200))
  routes.openapi(listPeers, context => context.json({ items: node.libp2p.getPeers().map(peerId => peer(node, peerId)) }, 200))

  return routes
}

function id ({ libp2p, voter }: ApiNode): IdInfo {
  return {
    peerId: libp2p.peerId.toString(),
    voter,
    addresses: libp2p.getMultiaddrs().map(address => address.toString())
  }
}

async function status (node: ApiNode): Promise<StatusInfo> {
  const scopes = node.voting.scopes()

  return {
    ...id(node),
    version,
    pid: process.pid,
    dataDirectory: node.dataDirectory,
    startedAt: node.startedAt,
    uptimeSeconds: Math.floor(Date.now() / second) - node.startedAt,
    peers: node.libp2p.getPeers().length,
    bootstrap: node.bootstrap.status().map(({ address, connected }) => ({ address: address.toString(), connected })),
    storage: { writable: node.storage.readOnly == null, ...node.storage.readOnly },
    locks: toLocksInfo(node.voting.ownLocks()),
    scopes: scopes.map(toScopeInfo),
    undecided: {
      total: scopes.reduce((sum, { activeProposals }) => sum + activeProposals, 0),
      items: await undecided(node, scopes)
    },
    alarms: await alarms(node, scopes),
    keyAlarms: node.voting.keyAlarms().map(toKeyAlarmInfo),
    newerFormats: node.voting.newerFormats().map(toNewerFormatInfo)
  }
}

/** The proposals that have been waiting longest, scope by scope */
async function undecided ({ voting }: ApiNode, scopes: Scope[]): Promise<UndecidedProposal[]> {
  const items: UndecidedProposal[] = []

  for (const { name: scope } of scopes) {
    for await (const { proposalId, name, deadline, undecided } of voting.list(scope, { state: 'active' })) {
      if (items.length === MAX_UNDECIDED) {
        return items
      }

      if (undecided != null) {
        items.push({ scope, proposalId, name, deadline: Number(deadline), ...toUndecidedInfo(undecided) })
      }
    }
  }

  return items
}

async function alarms ({ voting }: ApiNode, scopes: Scope[]): Promise<AlarmInfo[]> {
  return (await Promise.all(scopes.map(async ({ name }) => voting.alarms(name)))).flat().map(toAlarmInfo)
}

function peer ({ libp2p, voting }: ApiNode, peerId: PeerId): PeerInfo {
  const connections = libp2p.getConnections(peerId)
  const scopes = voting.scopes().filter(({ peers }) => peers.some(other => other.equals(peerId)))

  return {
    peerId: peerId.toString(),
    addresses: connections.map(({ remoteAddr }) => remoteAddr.toString()),
    direction: connections[0]?.direction ?? 'outbound',
    connectedAt: Math.floor(Math.min(...connections.map(({ timeline }) => timeline.open)) / second),
    scopes: scopes.map(({ name }) => name),
    voters: toPeerVoters(voting.scopes(), peerId),
    votesGivenUp: scopes.map(scope => ({ scope: scope.name, proposals: scope.prunedBy(peerId) })).filter(({ proposals }) => proposals > 0)
  }
}
