/**
 * Peer ids of simulated nodes, real ones: making a key for each node of each schedule would take longer than the schedule.
 */

import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { PeerId } from '@libp2p/interface'

/** More than there are nodes in any schedule */
const COUNT = 64

const peerIds: PeerId[] = []
const numbers = new Map<string, number>()

for (let number = 0; number < COUNT; number++) {
  const peerId = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(number + 1)))

  peerIds.push(peerId)
  numbers.set(peerId.toString(), number)
}

export function peerIdOf (number: number): PeerId {
  return peerIds[number]
}

export function numberOfPeer (peerId: PeerId): number {
  return numbers.get(peerId.toString()) as number
}
