/**
 * The network that a node is in, as far as it follows from what all its members must have alike. Two nodes for which it
 * differs never hear of each other.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import type { NodeConfig } from './config.ts'

/** Hex digits of a swarm key's fingerprint, which tells keys apart and nothing about them */
const FINGERPRINT_LENGTH = 16

/** In words, so that an error can say it */
export function describeNetwork ({ swarmKey, gossipSigning }: Pick<NodeConfig, 'swarmKey' | 'gossipSigning'>): string {
  const network = swarmKey == null ? 'the public network' : `the private network ${fingerprint(swarmKey)}`

  return `${network} with gossip signing ${gossipSigning}`
}

function fingerprint (swarmKey: Uint8Array): string {
  // its last line; what is around it may be written in several ways
  const key = toString(swarmKey).trim().split(/\s+/).at(-1)?.toLowerCase()

  return bytesToHex(sha256(fromString(`libp2p-voting/swarm-key/1\n${key}`))).slice(0, FINGERPRINT_LENGTH)
}
