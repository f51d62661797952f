/**
 * What is done alike with a bare gossipsub and with that of a full node.
 */

import { multiaddr } from '@multiformats/multiaddr'
import pWaitFor from 'p-wait-for'
import type { GossipSub } from '@chainsafe/libp2p-gossipsub'
import type { Libp2p } from '@libp2p/interface'

const WAIT = { interval: 20, timeout: 60_000 }

export type Host = Libp2p<{ pubsub: GossipSub }>

export async function dialAll (host: Host, addresses: string[]): Promise<void> {
  for (const address of addresses) {
    await host.dial(multiaddr(address))
  }
}

export async function waitForMesh ({ services: { pubsub } }: Host, topic: string, peers: number): Promise<void> {
  // its type says less than it can do
  await pWaitFor(() => (pubsub as GossipSub & { getMeshPeers (topic: string): string[] }).getMeshPeers(topic).length >= peers, WAIT)
}

/** Resolves with the moment before the first was sent */
export async function publishAll ({ services: { pubsub } }: Host, topic: string, messages: Uint8Array[]): Promise<bigint> {
  const begin = process.hrtime.bigint()

  for (const message of messages) {
    await pubsub.publish(topic, message)
  }

  return begin
}
