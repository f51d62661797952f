import { GossipSigning } from '../../pb/sync.ts'
import type { PubSub } from '../pubsub.ts'

/** How a gossipsub signs its messages and asks others to */
export function signingOf ({ globalSignaturePolicy }: PubSub): GossipSigning {
  switch (globalSignaturePolicy) {
    case 'StrictSign': return GossipSigning.STRICT_SIGN
    case 'StrictNoSign': return GossipSigning.STRICT_NO_SIGN
    default: return GossipSigning.UNKNOWN
  }
}
