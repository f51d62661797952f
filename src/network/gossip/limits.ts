/**
 * Constants of the protocol's messages: what is beyond them is refused by every member alike. Those of proposals and votes are
 * in consensus/policy/scope-rules.ts.
 */

import type { SlotLimits } from '../../util/slots.ts'

/** Votes inside a proposal that are decoded: more than fit into a message, unless they are garbage */
export const MAX_EMBEDDED_VOTES = 1_024

/** Bytes of a gossip message */
export const MAX_MESSAGE_LENGTH = 64 * 1024

/**
 * Active proposals of a scope that this node takes from others. A limit of ours, not of the protocol: what is beyond it is
 * ignored, not held against anybody.
 */
export const MAX_ACTIVE_PROPOSALS = 1_000

/** Of these, as many of one listed proposer at most; with many proposers it is fewer, and never less than one */
export const MAX_ACTIVE_PER_PROPOSER = 100

/** Double voters on one proposal of which evidence is taken in an open scope, where voters cost nothing */
export const MAX_EVIDENCE_OPEN = 10

/**
 * Bytes of proposals past their deadline that are taken from one peer, and of one proposer, in {@link PAST_SECONDS}: a limit of
 * ours. They take nobody's room and are kept for ever, so whoever may propose could fill the disk with what was never there.
 * It lets some 300,000 ordinary ones by.
 */
export const MAX_PAST_LENGTH = 64 * 1024 * 1024

/** The same in an open scope, where proposers cost nothing */
export const MAX_PAST_LENGTH_OPEN = 8 * 1024 * 1024

export const PAST_SECONDS = 10 * 60

/** Messages of one peer that are validated at the same time: while some are verified, others are on their way to the disk */
export const PEER_LIMITS: SlotLimits = { items: 128, bytes: 256 * 1024 }

/** The same for all peers together. A peer of which nothing is validated has room for one message in any case. */
export const TOTAL_LIMITS: SlotLimits = { items: 1_024, bytes: 4 * 1024 * 1024 }
