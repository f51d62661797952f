/**
 * Sessions that were used last, up to so many votes. Under `quorum` votes come after a session has ended, too: each of them
 * would read all others otherwise.
 */

import type { ConsensusSession } from '../../consensus/session/session.ts'

/** Votes of all of them together: some ten megabytes, and the votes of the largest proposal there can be */
const MAX_VOTES = 20_000

export class RecentSessions {
  /** The one that was used last comes last */
  private readonly sessions = new Map<string, ConsensusSession>()
  private votes = 0

  get (key: string): ConsensusSession | undefined {
    const session = this.sessions.get(key)

    if (session != null) {
      this.sessions.delete(key)
      this.sessions.set(key, session)
    }

    return session
  }

  set (key: string, session: ConsensusSession): void {
    this.delete(key)
    this.sessions.set(key, session)
    this.votes += costOf(session)

    for (const oldest of this.sessions.keys()) {
      if (this.votes <= MAX_VOTES) {
        return
      }

      this.delete(oldest)
    }
  }

  delete (key: string): void {
    const session = this.sessions.get(key)

    if (session != null) {
      this.sessions.delete(key)
      this.votes -= costOf(session)
    }
  }

  clear (): void {
    this.sessions.clear()
    this.votes = 0
  }
}

/** One without votes takes room as well, the more the longer its payload */
function costOf ({ voteCount, proposal: { payload } }: ConsensusSession): number {
  return voteCount + 4 + Math.ceil(payload.byteLength / 256)
}
