/**
 * Where two members differ, and what is to be done about it.
 */

import { equals } from 'uint8arrays/equals'
import { ENDED, PROVEN, PRUNED, UNSIGNED } from './digests.ts'
import type { DayDigest, Entry } from './digests.ts'
import type { ScopePolicy } from '../../consensus/policy/policy.ts'

/** What two members have of a proposal that is not the same at both; at least one has something */
export interface Difference {
  ours?: Entry
  theirs?: Entry
}

/** How much of a proposal goes one way: nothing, the votes that are missing, the announcement, or announcement and votes */
export type Transfer = 'nothing' | 'votes' | 'announcement' | 'all'

export interface Plan {
  take: Transfer
  give: Transfer
  /** Whether both have ended it, in different ways, and votes cannot help any more */
  disagreement?: boolean
}

const NOTHING: Plan = { take: 'nothing', give: 'nothing' }

/** Two proposals have one id: at each member the first stays. Seeing the other one raises the alarm that says so. */
export const COLLISION: Plan = { take: 'announcement', give: 'nothing' }

/** The days that are not the same, ascending. Both lists are ascending. */
export function differingDays (ours: DayDigest[], theirs: DayDigest[]): number[] {
  const digests = new Map(ours.map(({ day, digest }) => [day, digest]))
  const days: number[] = []

  for (const { day, digest } of theirs) {
    const our = digests.get(day)

    if (our == null || !equals(our, digest)) {
      days.push(day)
    }

    digests.delete(day)
  }

  return [...days, ...digests.keys()].sort((a, b) => a - b)
}

/** The differences between two lists that are sorted by day and proposal id, reading both one at a time */
export async function * differences (ours: AsyncIterable<Entry>, theirs: AsyncIterable<Entry>): AsyncGenerator<Difference> {
  const left = ours[Symbol.asyncIterator]()
  const right = theirs[Symbol.asyncIterator]()

  try {
    let [our, their] = [await next(left), await next(right)]

    while (our != null || their != null) {
      const order = compareEntries(our, their)
      const difference = { ours: order <= 0 ? our : undefined, theirs: order >= 0 ? their : undefined }

      if (!isSame(difference)) {
        yield difference
      }

      our = order <= 0 ? await next(left) : our
      their = order >= 0 ? await next(right) : their
    }
  } finally {
    await left.return?.()
    await right.return?.()
  }
}

/** What to do about a difference in a scope that decides by this rule */
export function planFor (rule: ScopePolicy['decisionRule'], { ours, theirs }: Difference): Plan {
  if (theirs == null) {
    return { take: 'nothing', give: canGiveAll(rule, ours) ? 'all' : 'nothing' }
  }

  if (ours == null) {
    return { take: canGiveAll(rule, theirs) ? 'all' : 'nothing', give: 'nothing' }
  }

  return equals(ours.digest, theirs.digest) ? planForVotes(rule, ours, theirs) : planForCollision(rule, theirs)
}

/** Where ids are random two proposals may have one */
function planForCollision (rule: ScopePolicy['decisionRule'], theirs: Entry): Plan {
  return rule === 'quorum' && !has(theirs, UNSIGNED) ? COLLISION : NOTHING
}

function planForVotes (rule: ScopePolicy['decisionRule'], ours: Entry, theirs: Entry): Plan {
  const ended = { ours: has(ours, ENDED), theirs: has(theirs, ENDED) }

  if (rule !== 'quorum' && ended.ours && ended.theirs) {
    return { ...NOTHING, disagreement: true }
  }

  if (rule !== 'quorum' && (has(ours, PRUNED) || has(theirs, PRUNED))) {
    return NOTHING
  }

  if (has(ours, PRUNED) || has(theirs, PRUNED)) {
    // who keeps his votes no longer takes none, and gives what proves the result to those who do not have that
    return {
      take: isProofFor(theirs, ours) ? 'votes' : 'nothing',
      give: isProofFor(ours, theirs) ? 'votes' : 'nothing'
    }
  }

  // votes are stored in every state in `quorum` scopes, until the end in others
  return {
    take: rule === 'quorum' || !ended.ours ? 'votes' : 'nothing',
    give: rule === 'quorum' || !ended.theirs ? 'votes' : 'nothing'
  }
}

function canGiveAll (rule: ScopePolicy['decisionRule'], entry?: Entry): boolean {
  return entry != null && (!has(entry, PRUNED) || (rule === 'quorum' && isProofOnly(entry))) && !has(entry, UNSIGNED)
}

/** Whether of the votes of one side only a proof is left, which the other needs */
function isProofFor (from: Entry, to: Entry): boolean {
  return isProofOnly(from) && !has(to, PRUNED) && !has(to, PROVEN)
}

/** Whether of the votes only those are left that prove the result */
export function isProofOnly (entry: Pick<Entry, 'flags'>): boolean {
  return has(entry, PRUNED) && has(entry, PROVEN)
}

function has ({ flags }: Pick<Entry, 'flags'>, flag: number): boolean {
  return (flags & flag) !== 0
}

function isSame ({ ours, theirs }: Difference): boolean {
  return ours != null && theirs != null && equals(ours.digest, theirs.digest) && equals(ours.entry, theirs.entry)
}

/** What is missing comes after everything */
function compareEntries (a?: Entry, b?: Entry): number {
  if (a == null || b == null) {
    return a == null ? 1 : -1
  }

  return a.day - b.day || a.proposalId - b.proposalId
}

async function next (iterator: AsyncIterator<Entry>): Promise<Entry | undefined> {
  const { done, value } = await iterator.next()

  return done === true ? undefined : value
}
