import { GossipSigning } from '../../pb/sync.ts'
import type { PubSub } from '../gossip/pubsub.ts'

/** How a gossipsub signs its messages and asks others to */
export function signingOf ({ globalSignaturePolicy }: PubSub): GossipSigning {
  switch (globalSignaturePolicy) {
    case 'StrictSign': return GossipSigning.STRICT_SIGN
    case 'StrictNoSign': return GossipSigning.STRICT_NO_SIGN
    default: return GossipSigning.UNKNOWN
  }
}

/** What gossipsub calls it */
export function nameOfSigning (signing?: GossipSigning): 'StrictSign' | 'StrictNoSign' | undefined {
  switch (signing) {
    case GossipSigning.STRICT_SIGN: return 'StrictSign'
    case GossipSigning.STRICT_NO_SIGN: return 'StrictNoSign'
    default:
  }
}
