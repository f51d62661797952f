import { expect } from 'aegir/chai'
import fc from 'fast-check'
import { differences, differingDays, planFor } from '../../../src/network/sync/differences.ts'
import { ENDED, PROVEN, PRUNED, UNSIGNED } from '../../../src/network/sync/digests.ts'
import type { Difference } from '../../../src/network/sync/differences.ts'
import type { Entry } from '../../../src/network/sync/digests.ts'

function entry (proposalId: number, { day = 1, digest = 1, votes = 1, flags = 0 } = {}): Entry {
  return { day, proposalId, digest: new Uint8Array(32).fill(digest), entry: new Uint8Array(32).fill(votes), flags }
}

async function * stream (entries: Entry[]): AsyncGenerator<Entry> {
  yield * entries
}

describe('differences between members', () => {
  it('are all that is not the same, in order', async () => {
    const list = fc.uniqueArray(fc.record({ day: fc.nat(3), id: fc.nat(10), votes: fc.nat(1) }), { selector: ({ day, id }) => `${day} ${id}` })
      .map(entries => entries.sort((a, b) => a.day - b.day || a.id - b.id).map(({ day, id, votes }) => entry(id, { day, votes })))

    await fc.assert(fc.asyncProperty(list, list, async (ours, theirs) => {
      const found: Difference[] = []

      for await (const difference of differences(stream(ours), stream(theirs))) {
        found.push(difference)
      }

      const key = ({ day, proposalId }: Entry): string => `${day} ${proposalId}`
      const expected = [...new Map([...ours, ...theirs].map(entry => [key(entry), entry])).values()]
        .sort((a, b) => a.day - b.day || a.proposalId - b.proposalId)
        .map(entry => ({ ours: ours.find(other => key(other) === key(entry)), theirs: theirs.find(other => key(other) === key(entry)) }))
        .filter(({ ours, theirs }) => ours?.entry[0] !== theirs?.entry[0])

      expect(found).to.deep.equal(expected)
    }))
  })

  it('end reading when nobody wants more', async () => {
    let ended = 0

    async function * watched (): AsyncGenerator<Entry> {
      try {
        yield * [entry(1), entry(2)]
      } finally {
        ended++
      }
    }

    const found = differences(watched(), stream([]))

    expect(await found.next()).to.have.nested.property('value.ours.proposalId', 1)
    await found.return(undefined)
    expect(ended).to.equal(1)
  })

  it('are looked for on the days that differ', () => {
    const day = (day: number, digest: number): { day: number, digest: Uint8Array } => ({ day, digest: Uint8Array.of(digest) })

    expect(differingDays([day(1, 1), day(2, 1), day(4, 1)], [day(2, 1), day(3, 1), day(4, 2)])).to.deep.equal([1, 3, 4])
    expect(differingDays([], [])).to.deep.equal([])
  })

  const ended = { flags: ENDED, votes: 2 }
  const PROOF = ENDED | PRUNED | PROVEN
  const cases: Array<[string, 'quorum' | 'reference', Difference, object]> = [
    ['gives what only we know', 'reference', { ours: entry(1) }, { take: 'nothing', give: 'all' }],
    ['takes what only they know', 'quorum', { theirs: entry(1, ended) }, { take: 'all', give: 'nothing' }],
    ['leaves what they have pruned', 'quorum', { theirs: entry(1, { flags: ENDED | PRUNED }) }, { take: 'nothing', give: 'nothing' }],
    ['takes what proves a result where the rest is pruned', 'quorum', { theirs: entry(1, { flags: PROOF }) }, { take: 'all', give: 'nothing' }],
    ['gives it, too', 'quorum', { ours: entry(1, { flags: PROOF }) }, { take: 'nothing', give: 'all' }],
    ['leaves it where its proposal cannot be shown', 'quorum', { theirs: entry(1, { flags: PROOF | UNSIGNED }) }, { take: 'nothing', give: 'nothing' }],
    ['leaves it under rules that know no proof', 'reference', { theirs: entry(1, { flags: PROOF }) }, { take: 'nothing', give: 'nothing' }],
    ['takes it for what is not proven here', 'quorum', { ours: entry(1, ended), theirs: entry(1, { flags: PROOF }) }, { take: 'votes', give: 'nothing' }],
    ['gives it for what is not proven there', 'quorum', { ours: entry(1, { flags: PROOF }), theirs: entry(1, ended) }, { take: 'nothing', give: 'votes' }],
    ['leaves it where both can prove it', 'quorum', { ours: entry(1, { flags: ENDED | PROVEN, votes: 2 }), theirs: entry(1, { flags: PROOF }) }, { take: 'nothing', give: 'nothing' }],
    ['leaves it where no votes are taken any more', 'quorum', { ours: entry(1, { flags: ENDED | PRUNED, votes: 2 }), theirs: entry(1, { flags: PROOF }) }, { take: 'nothing', give: 'nothing' }],
    ['exchanges votes of what both can prove', 'quorum', { ours: entry(1, { flags: ENDED | PROVEN, votes: 2 }), theirs: entry(1, { flags: ENDED | PROVEN }) }, { take: 'votes', give: 'votes' }],
    ['leaves what they cannot prove', 'reference', { theirs: entry(1, { flags: UNSIGNED }) }, { take: 'nothing', give: 'nothing' }],
    ['does not give what we cannot prove', 'reference', { ours: entry(1, { flags: UNSIGNED }) }, { take: 'nothing', give: 'nothing' }],
    ['exchanges votes while both take them', 'reference', { ours: entry(1), theirs: entry(1, { votes: 2 }) }, { take: 'votes', give: 'votes' }],
    ['takes votes of what has ended there', 'reference', { ours: entry(1), theirs: entry(1, ended) }, { take: 'votes', give: 'nothing' }],
    ['gives votes of what has ended here', 'reference', { ours: entry(1, ended), theirs: entry(1) }, { take: 'nothing', give: 'votes' }],
    ['exchanges votes of what has ended, by quorum', 'quorum', { ours: entry(1, ended), theirs: entry(1, { flags: ENDED }) }, { take: 'votes', give: 'votes' }],
    ['leaves what has ended in different ways', 'reference', { ours: entry(1, ended), theirs: entry(1, { flags: ENDED }) }, { take: 'nothing', give: 'nothing', disagreement: true }],
    ['tells so of pruned ones, too', 'reference', { ours: entry(1, ended), theirs: entry(1, { flags: ENDED | PRUNED }) }, { take: 'nothing', give: 'nothing', disagreement: true }],
    ['looks at the other of two proposals with one id', 'quorum', { ours: entry(1), theirs: entry(1, { digest: 2 }) }, { take: 'announcement', give: 'nothing' }],
    ['leaves two proposals of one id where ids are random', 'reference', { ours: entry(1), theirs: entry(1, { digest: 2 }) }, { take: 'nothing', give: 'nothing' }]
  ]

  cases.forEach(([what, rule, difference, plan]) => {
    it(what, () => {
      expect(planFor(rule, difference)).to.deep.equal(plan)
    })
  })
})
