import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { nodeGossipsub } from '../../src/node/libp2p/host.ts'
import type { GossipSigning } from '../../src/node/interface.ts'
import type { GossipSub } from '@chainsafe/libp2p-gossipsub'
import type { Libp2p } from '@libp2p/interface'

export type GossipPeer = Libp2p<{ pubsub: GossipSub }>

/** A libp2p node with the gossipsub of a voting node, and without the rest of one */
export async function createGossipPeer (signing: GossipSigning = 'StrictSign'): Promise<GossipPeer> {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), pubsub: nodeGossipsub({ local: true, signing, asyncValidation: false, scoreOf: () => 0 }) }
  })
}
