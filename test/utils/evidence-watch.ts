import { decodeGossip } from '../../src/network/gossip/envelope.ts'
import type { TestNode } from './nodes.ts'

/** Adds the index of a node to `told` for each piece of evidence that it reports, and to `published` for each that it publishes */
export function watchEvidence ({ voting, pubsub }: TestNode, index: number, told: number[], published: number[]): void {
  const { publish } = pubsub

  voting.addEventListener('voting:evidence', () => { told.push(index) })
  pubsub.publish = async (...args) => {
    if (decodeGossip(args[1] as Uint8Array).type === 'evidence') {
      published.push(index)
    }

    return publish.apply(pubsub, args)
  }
}
