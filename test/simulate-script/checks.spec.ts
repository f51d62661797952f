import { expect } from 'aegir/chai'
import { findingsOf } from '../../scripts/simulate/checks.ts'
import { makePlan } from '../../scripts/simulate/make-plan.ts'
import { Observations } from '../../scripts/simulate/observations.ts'
import { identityOf } from '../../scripts/simulate/scheme.ts'
import type { Standing } from '../../scripts/simulate/observations.ts'
import type { Plan } from '../../scripts/simulate/plan.ts'

const YES: Standing = { state: 'reached', result: true }
const NO: Standing = { state: 'reached', result: false }

/** Four voters, of whom three decide and one may vote both ways: so many of the last do */
function planOf (doubleVoters: number, rule: Plan['rule'] = 'quorum'): Plan {
  const { members: [member], ...plan } = makePlan(1, { rule, faults: false })
  const numbers = [0, 1, 2, 3]

  return {
    ...plan,
    terms: { ...plan.terms, threshold: '2/3' },
    members: numbers.slice(0, 4 - doubleVoters).map(number => ({ ...member, number })),
    doubleVoters: numbers.slice(4 - doubleVoters).map(number => ({ number, clock: 0, sync: 'refuses', sends: [] }))
  }
}

describe('checks of schedules', () => {
  let nodes: Observations[]

  beforeEach(() => {
    nodes = [new Observations(), new Observations(), new Observations()]
  })

  /** What is found, by what the nodes have shown */
  function find (plan: Plan, guilty: number[] = []): string[] {
    return findingsOf({ plan, observations: new Map(nodes.map((node, number) => [number, node])), guilty: new Set(guilty) }).map(({ kind, text }) => `${kind}: ${text}`)
  }

  function show (node: number, ...standings: Standing[]): void {
    standings.forEach((standing, index) => { nodes[node].onShown(1_000 * index, 'get', standing) })
  }

  function knows (node: number, yes: number[], no: number[]): void {
    yes.forEach(number => { nodes[node].onVote(identityOf(number), true) })
    no.forEach(number => { nodes[node].onVote(identityOf(number), false) })
  }

  it('find nothing where nodes agree, or some are undecided', () => {
    show(0, { state: 'active' }, YES)
    show(1, { state: 'failed' }, YES)
    show(2, { state: 'failed' })

    expect(find(planOf(1))).to.deep.equal([])
  })

  it('find opposite quorums', () => {
    knows(0, [0, 2, 3], [])
    show(0, YES)
    knows(1, [], [0, 2, 3])
    show(1, NO)

    expect(find(planOf(1))).to.include('disagreement: node-1 has decided yes and node-2 has decided no')
  })

  it('find any opposite results under the other rules', () => {
    show(0, { state: 'reached', result: true })
    show(1, { state: 'reached', result: false })

    expect(find(planOf(1, 'reference'))).to.deep.equal(['disagreement: node-1 has decided yes and node-2 has decided no'])
  })

  it('find decisions that were shown and are gone, or others', () => {
    const changes: Array<[Standing, Standing, number]> = [
      [YES, NO, 1],
      [YES, { state: 'active' }, 1],
      [YES, { state: 'failed' }, 1],
      [{ ...YES, contradicted: true }, YES, 1],
      [{ state: 'failed' }, { state: 'active' }, 1],
      [{ state: 'conflict' }, YES, 1],
      [{ state: 'failed' }, YES, 0],
      [YES, { ...YES, contradicted: true }, 0],
      [{ state: 'active' }, { state: 'conflict' }, 0]
    ]

    for (const [before, after, count] of changes) {
      nodes = [new Observations()]
      show(0, before, after)

      expect(find(planOf(1)).filter(text => text.startsWith('reverted'))).to.have.lengthOf(count, JSON.stringify([before, after]))
    }
  })

  it('find who is named and did not vote both ways', () => {
    nodes[0].onNamed(1_000, 'voting:evidence', [identityOf(3)])

    expect(find(planOf(1), [3])).to.deep.equal([])
    expect(find(planOf(1), [])).to.deep.equal(['wrongCulprits: node-1 has named node-4 in voting:evidence, who did not sign both yes and no'])
  })

  it('find opposite quorums that name too few', () => {
    // with two double voters, where one may be, opposite quorums are not the rule's fault
    knows(0, [0, 2, 3], [])
    show(0, YES)
    knows(1, [], [1, 2, 3])
    show(1, NO)
    nodes[1].onNamed(1_000, 'voting:conflict', [identityOf(2), identityOf(3)], true)

    expect(find(planOf(2), [2, 3])).to.deep.equal([])

    nodes[1].onNamed(1_000, 'voting:conflict', [identityOf(2)], true)
    expect(find(planOf(2), [2, 3])).to.deep.equal(['wrongCulprits: node-2 knows two opposite quorums, but has named 1 double voters, where they have 2 voters in common'])

    nodes = [new Observations(), new Observations()]
    knows(0, [0, 3], [])
    show(0, YES)
    knows(1, [], [1, 3])
    show(1, NO)
    expect(find(planOf(2), [2, 3])).to.deep.equal(['wrongCulprits: the opposite quorums of node-1 and node-2 have node-4 in common, where node-3, node-4 have signed both'])
  })

  it('find two votes of one honest node, an honest node that is blamed, and what else goes wrong', () => {
    nodes[1].signed.set('a', true)
    nodes[1].signed.set('b', false)
    nodes[2].wronged.push('node-3 has rejected a message that node-1 passed on')
    nodes[2].errors.push('node-3 could not vote')

    expect(find(planOf(1))).to.deep.equal([
      'equivocation: node-2 has signed 2 votes: yes, no',
      'wronged: node-3 has rejected a message that node-1 passed on',
      'error: node-3 could not vote'
    ])
  })
})
