/**
 * What ends a sync early.
 */

/** The peer breaks the protocol, or does not deliver what it claims: nobody honest does */
export class SyncFaultError extends Error {
  readonly name = 'SyncFaultError'
}

/** The peer takes too long for a frame */
export class SyncStalledError extends Error {
  readonly name = 'SyncStalledError'
}

/** The stream ended before the sync had */
export class SyncCutOffError extends Error {
  readonly name = 'SyncCutOffError'
}

/** The sync has reached its own bounds; the next one goes on */
export class SyncLimitError extends Error {
  readonly name = 'SyncLimitError'
}
