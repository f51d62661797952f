/**
 * Constants of the protocol: what is beyond them is refused by every member alike.
 */

import { MAX_LIFETIME_SECONDS, MAX_VOTERS } from '../consensus/policy.ts'

export { MAX_LIFETIME_SECONDS, MAX_VOTERS }

/** Bytes of a gossip message */
export const MAX_MESSAGE_LENGTH = 64 * 1024

/** Bytes of a proposal's name in UTF-8 */
export const MAX_NAME_LENGTH = 256

/** Bytes of a proposal's payload */
export const MAX_PAYLOAD_LENGTH = 32 * 1024

/**
 * Active proposals of a scope that this node takes from others. A limit of ours, not of the protocol: what is beyond it is
 * ignored, not held against anybody.
 */
export const MAX_ACTIVE_PROPOSALS = 1_000
