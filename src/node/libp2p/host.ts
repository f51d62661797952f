/**
 * The libp2p node under a voting node.
 */

import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { yamux } from '@chainsafe/libp2p-yamux'
import { bootstrap } from '@libp2p/bootstrap'
import { identify } from '@libp2p/identify'
import { mdns } from '@libp2p/mdns'
import { ping } from '@libp2p/ping'
import { preSharedKey } from '@libp2p/pnet'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { voting, votingScoreParams } from '../../index.ts'
import { PeerScores } from '../../network/gossip/runtime-members.ts'
import { ListenError } from '../errors.ts'
import { version } from '../host/version.ts'
import { gathering } from './gathering.ts'
import { FAULT_POINTS, MDNS_SERVICE_TAG, connectionManagerSettings, gossipsubSettings, tcpSettings } from './settings.ts'
import type { Bans } from './bans.ts'
import type { FloodGuard } from './flood-guard.ts'
import type { GossipMetrics } from './gossip-metrics.ts'
import type { NodeConfig } from '../host/config.ts'
import type { Identity } from '../host/identity.ts'
import type { NodeMetrics } from '../host/metrics.ts'
import type { VotingLibp2p } from '../interface.ts'
import type { OwnPeerId } from './own-peer-id.ts'
import type { GossipsubSettings } from './settings.ts'
import type { VotingInit } from '../../index.ts'
import type { GossipSub, GossipSubComponents } from '@chainsafe/libp2p-gossipsub'

const LISTEN_ERRORS = [
  ['EADDRINUSE', 'the port is in use. Stop what uses it, or choose another with --listen; port 0 is any that is free'],
  ['EACCES', 'permission denied. Choose a port above 1023 with --listen'],
  ['EADDRNOTAVAIL', 'this machine does not have that address. Choose one it has with --listen']
]

export interface HostInit extends Required<Pick<VotingInit, 'storage' | 'scheme'>> {
  config: NodeConfig
  identity: Identity
  metrics: NodeMetrics
  bans: Bans
  guard: FloodGuard
  ownPeerId: OwnPeerId
}

/** Makes the node without starting it */
export async function createHost ({ config, identity: { privateKey, signer }, storage, scheme, metrics, bans, guard, ownPeerId }: HostInit): Promise<VotingLibp2p> {
  const libp2p = await createLibp2p({
    privateKey,
    start: false,
    nodeInfo: {
      name: 'libp2p-voting',
      version
    },
    addresses: {
      listen: config.listen.map(address => address.toString())
    },
    connectionManager: connectionManagerSettings(config.local),
    connectionGater: bans.gater,
    metrics: metrics.factory,
    ...config.swarmKey == null ? {} : { connectionProtector: preSharedKey({ psk: config.swarmKey }) },
    transports: [tcp(tcpSettings())],
    connectionEncrypters: [guard.encrypter(ownPeerId.encrypter())],
    streamMuxers: [guard.muxer(gathering(yamux()))],
    peerDiscovery: [
      // the tag is what makes libp2p dial a lost peer again at once
      ...(config.bootstrap.length > 0 ? [bootstrap({ list: config.bootstrap.map(address => address.toString()), tagName: 'keep-alive-bootstrap' })] : []),
      ...(config.mdns ? [ownPeerId.watch(mdns({ serviceTag: MDNS_SERVICE_TAG }))] : [])
    ],
    services: {
      identify: identify(),
      ping: ping(),
      pubsub: nodeGossipsub({ local: config.local, signing: config.gossipSigning, scoreOf: peer => bans.scoreOf(peer) }, guard, metrics.gossip),
      voting: voting({
        signer,
        scheme,
        storage,
        voteLock: config.voteLock,
        asyncValidation: true,
        sync: { pastDays: config.syncPastDays },
        onSubscribe: topic => {
          scores.add(topic, votingScoreParams(topic)[topic])
          metrics.gossip.watch(topic)
        },
        onUnsubscribe: topic => {
          metrics.gossip.forget(topic)
          // what peers did there is held against them no longer, and the topic is not kept forever
          scores.delete(topic)
        }
      })
    }
  })
  const scores = new PeerScores(libp2p.services.pubsub)

  libp2p.services.voting.addEventListener('voting:fault', ({ detail: { peer } }) => { bans.addFault(peer, FAULT_POINTS.sync) })

  return libp2p
}

/**
 * @throws {ListenError} if an address cannot be listened on
 */
export async function startHost (libp2p: VotingLibp2p, { listen }: NodeConfig): Promise<void> {
  try {
    await libp2p.start()
  } catch (err: any) {
    if (err.name !== 'UnsupportedListenAddressesError') {
      throw err
    }

    const [, reason] = LISTEN_ERRORS.find(([code]) => err.message.includes(code)) ?? ['', err.message.replaceAll(/\s+/g, ' ')]

    throw new ListenError(`Cannot listen on ${listen.join(', ')}: ${reason}`, { cause: err })
  }
}

/** The gossipsub of a node */
export function nodeGossipsub (settings: GossipsubSettings, guard?: FloodGuard, metrics?: GossipMetrics) {
  return ({ privateKey, peerId, peerStore, registrar, connectionManager, logger }: GossipSubComponents): GossipSub => {
    const measured = metrics == null ? {} : { metricsRegister: metrics, metricsTopicStrToLabel: metrics.topicLabels }

    return gossipsub({ ...gossipsubSettings(settings), ...measured })({
      privateKey, peerId, peerStore, connectionManager, logger, registrar: guard?.registrar(registrar) ?? registrar
    })
  }
}
