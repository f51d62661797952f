/**
 * What the sync protocol is called, and its bounds. Lengths are in bytes, times in milliseconds.
 */

export const SYNC_PROTOCOL = '/voting/sync/1.0.0'

const KiB = 1024
const second = 1000
const minute = 60 * second

/** Bytes of a digest, a root or an entry */
export const HASH_LENGTH = 32

/** Longer frames are refused */
export const MAX_FRAME_LENGTH = 256 * KiB

/** Pages are closed at this length, so that the other side has done with one before a frame is due. A single item may be longer. */
export const PAGE_LENGTH = 128 * KiB

/** Frames and bytes of one sync, each way. What is left then is for the next one. */
export const MAX_FRAMES = 4096
export const MAX_SYNC_LENGTH = 64 * KiB * KiB

/** How long the other side may take for one frame */
export const FRAME_TIMEOUT = 10 * second

/** A timer that is as late shows that this process stood still: it was suspended, or had no time */
export const STANDSTILL = second / 4

/** How long one sync may take */
export const SYNC_TIMEOUT = 5 * minute

/** The first day that a peer may not list: no proposal ends after the year 2242 */
export const MAX_DAYS = 100_000

/** Days whose summaries are asked for together */
export const DAYS_PER_QUERY = 64

/** Proposals that are exchanged together */
export const BATCH_SIZE = 128

/** Votes of one proposal that are checked and stored at the same time: some are verified while others are on their way to the disk */
export const VOTES_SIDE_BY_SIDE = 128

/** Streams that one peer may have open with us */
export const MAX_INBOUND_STREAMS = 2

/** Syncs that one peer may begin with us in {@link RATE_WINDOW_SECONDS} */
export const MAX_REQUESTS = 5
export const RATE_WINDOW_SECONDS = 10

/** Syncs of ours that run side by side */
export const MAX_SYNCS = 4

/** Of these, those with peers that are not known to be members */
export const MAX_STRANGER_SYNCS = 2

/** Besides those, syncs for which a proposal waits whose time is up */
export const URGENT_SYNCS = 1

/** How long a sync may take while others wait */
export const SYNC_SLICE = 30 * second

/** Peers that are asked where no peer in particular is meant */
export const FANOUT = 8

/** How often a peer is asked though nothing has happened */
export const SYNC_INTERVAL = 30 * second

/** How long after a sync has taught us something the next one does so, too, at least */
export const TEACH_INTERVAL = second

/** Of two peers that meet, the one that waits for what the other's sync brings waits this long */
export const MEETING_DELAY = second / 5

/** How long a peer that is busy is left alone, and up to twice that: not as long as a deadline waits for a sync */
export const BUSY_DELAY = 3 * second

/** How long what we refused is not asked for, and a peer that was at fault is not asked, in seconds */
export const REFUSAL_SECONDS = 10 * 60

/** How long a peer that stalled, hung up or brought nothing in its time is not asked, in seconds */
export const UNRELIABLE_SECONDS = 30

/** After as many syncs in a row in which a peer did not deliver what it had listed, others are asked before it */
export const UNDELIVERED_LIMIT = 3

/** How long those that are answered may take to hear of it when the node stops */
export const STOP_PATIENCE = second / 2

/** Entries of one kind that are kept in memory to not repeat what was in vain */
export const MAX_REMEMBERED = 10_000
