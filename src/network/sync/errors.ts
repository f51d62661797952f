/**
 * What ends a sync early.
 */

/** The peer breaks the protocol in a way that this exchange alone shows: no honest peer does, whatever it knows */
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

/** The peer says that it does not go on: it has left the scope, or has no time for more */
export class SyncDismissedError extends Error {
  readonly name = 'SyncDismissedError'
  readonly end: 'busy' | 'elsewhere'

  constructor (end: 'busy' | 'elsewhere') {
    super(end === 'busy' ? 'the peer has no time for more' : 'the peer has left the scope')
    this.end = end
  }
}
