/**
 * Fingerprints, by which people tell proposals apart that have one id or one name.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { checkDigest } from '../encoding/check.ts'

/** What {@link fingerprintOf} returns */
export const FINGERPRINT = /^[0-9a-f]{4}(-[0-9a-f]{4}){3}$/

/**
 * Returns the fingerprint of a proposal: bytes 4 to 11 of its digest as hex digits, in four groups, as in `3f9a-77c2-01be-d450`.
 *
 * The id in `quorum` scopes is bytes 0 to 3, so both together are 96 bits of the digest. It takes 2^96 tries to find another
 * proposal with the id and fingerprint of one that exists, and 2^48 to find two of one's own that share both. With the id
 * alone that is 2^32 and 2^16, and the latter takes a fraction of a second.
 *
 * @param digest - the proposal digest, 32 bytes
 */
export function fingerprintOf (digest: Uint8Array): string {
  checkDigest('digest', digest)

  return [4, 6, 8, 10].map(begin => bytesToHex(digest.subarray(begin, begin + 2))).join('-')
}
