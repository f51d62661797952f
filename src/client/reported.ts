/**
 * What others say of a proposal's end, in words.
 */

import type { ReportedInfo } from './types.ts'

/** For people; the votes are not there to count, so what most say is not more than what they say */
export function describeReported (reported: ReportedInfo[]): string {
  const claims = reported.map(claim => `by ${claim.peers.length === 1 ? '1 peer' : `${claim.peers.length} peers`}: ${describeClaim(claim)}`).join('; ')
  const votes = 'their votes were given up, so this node cannot check it'

  return reported.length > 1 ? `${claims}. These contradict each other; ${votes}` : `${claims}; ${votes}`
}

function describeClaim ({ state, result, grade }: ReportedInfo): string {
  if (result == null) {
    return state === 'conflict' ? 'conflict' : 'no result'
  }

  return grade === 'timeout' ? `${result} (by silence)` : `${result}`
}
