import { bytesToHex } from '@noble/hashes/utils.js'

export const TOPIC_PREFIX = '/voting/1.0.0'

/**
 * The gossipsub topic of a scope: peers with different policies have different topics, and never mix.
 *
 * @param digest - the policy digest, 32 bytes
 */
export function topicOf (name: string, digest: Uint8Array): string {
  return `${TOPIC_PREFIX}/${name}/${bytesToHex(digest)}`
}

/** The name in a topic that {@link topicOf} has made */
export function scopeNameOf (topic: string): string {
  return topic.slice(TOPIC_PREFIX.length + 1).split('/')[0]
}
