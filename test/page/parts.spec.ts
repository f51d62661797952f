import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { ApiProblemError } from '../../src/client/index.ts'
import { toFormErrors, toRequest, toUnit } from '../../src/node/page/form.ts'
import { formatCountdown, formatDuration } from '../../src/node/page/format.ts'
import { Loader } from '../../src/node/page/loader.ts'
import { Notes } from '../../src/node/page/notes.ts'
import { hexDump, indentJson, textToHex } from '../../src/node/page/payload.ts'
import { parseRoute, toHistory } from '../../src/node/page/route.ts'
import { describeRights, describeSilenceOn, describeState, explain } from '../../src/node/page/words.ts'
import type { NodeEvent, ProposalSummary } from '../../src/client/index.ts'
import type { FormValues } from '../../src/node/page/form.ts'

const quorum = { decisionRule: 'quorum', onSilence: 'none' } as const
const reference = { decisionRule: 'reference', onSilence: 'none' } as const
const voters = Array.from({ length: 5 }, (_, index) => `0x${`${index}`.padStart(40, '0')}`)

function proposal (tally: ProposalSummary['tally'], changes: Partial<ProposalSummary> = {}): ProposalSummary {
  return {
    scope: 'council',
    open: false,
    proposalId: 1,
    name: 'Question?',
    proposer: voters[0],
    timestamp: 1_000,
    deadline: 1_060,
    expectedVotersCount: 5,
    threshold: '2/3',
    livenessCriteriaYes: true,
    state: 'active',
    quorum: 4,
    undecided: { reason: 'It is open. 2 more yes would make a quorum of 4 of 5.', missing: { yes: 2, no: 4 }, endsAt: 1_085 },
    tally,
    doubleVoters: tally.doubles ?? 0,
    isEnding: false,
    votesPruned: false,
    ...changes
  }
}

describe('page: why a proposal is not decided', () => {
  const { reason } = proposal({ yes: 2, no: 0 }).undecided ?? {}

  it('says what the node says, and that silence decides nothing', () => {
    expect(explain(proposal({ yes: 2, no: 0 }), quorum, 1_030)).to.deep.equal([
      reason,
      'At the end silence decides nothing: without enough votes for one side it ends without a result.'
    ])
    expect(explain(proposal({ yes: 2, no: 0 }, { state: 'failed', undecided: { reason: 'It ended.' } }), quorum, 1_100)).to.deep.equal(['It ended.'])
    expect(explain(proposal({ yes: 4, no: 4, doubles: 4 }, { state: 'conflict', undecided: { reason: 'Both.' } }), quorum, 1_030)).to.deep.equal(['Both.'])
  })

  it('says that it waits for late votes, and that members are asked for them', () => {
    expect(explain(proposal({ yes: 1, no: 0 }), quorum, 1_060)[1]).to.match(/^No more votes are cast\. Those that are on their way are waited for until .*:05.*; then silence decides nothing/)
    expect(explain(proposal({ yes: 1, no: 0 }, { isEnding: true }), quorum, 1_090)[1]).to.match(/^Members are asked .* 15 seconds\. Then silence decides nothing/)
  })

  it('says what nodes vote for the silent, and by when', () => {
    const automatic = { ...quorum, onSilence: 'no' } as const

    expect(explain(proposal({ yes: 2, no: 0 }), automatic, 1_030)).to.deep.equal([
      reason,
      'Shortly before the deadline the nodes of voters who have not voted vote no automatically.',
      'At the end without enough votes for one side it ends without a result.'
    ])
    expect(explain(proposal({ yes: 1, no: 0 }), automatic, 1_060)).to.have.length(2)
    expect(explain(proposal({ yes: 2, no: 0 }), { ...quorum, onSilence: 'liveness' }, 1_030)[1]).to.include('vote yes automatically')
    expect(describeSilenceOn(proposal({ yes: 2, no: 0 }), automatic)).to.equal('the node of a voter who has not voted votes no automatically')
    expect(describeSilenceOn(proposal({ yes: 2, no: 0 }), quorum)).to.equal('decides nothing')
    expect(describeSilenceOn(proposal({ yes: 2, no: 0 }, { quorum: undefined }), reference)).to.equal('counts as yes')
  })

  it('counts by the rule of the scope', () => {
    expect(explain(proposal({ yes: 1, no: 0 }, { quorum: undefined }), reference, 1_030)[1]).to.equal('At the end those who have not voted count as yes.')
    expect(explain(proposal({ yes: 4, no: 0 }, { quorum: undefined, state: 'reached', result: 'yes', undecided: undefined }), reference, 1_030)).to.deep.equal(['Decided by the rule “reference”.'])
  })

  it('says of a result what it rests on, and whether it can be trusted', () => {
    const reached = { state: 'reached', result: 'yes', undecided: undefined } as const

    expect(explain(proposal({ yes: 4, no: 0 }, { ...reached }), quorum, 1_030)).to.deep.equal(['4 or more of 5 voters voted yes. That is a quorum: the result is final.'])
    expect(explain(proposal({ yes: 4, no: 0 }, { ...reached, decidedAt: 200_000, late: true }), quorum, 200_001)[1]).to.match(/^This node held the quorum only long after the deadline\./)
    expect(describeState({ ...proposal({ yes: 4, no: 0 }), ...reached, late: true }, 200_001)).to.deep.equal({ tone: 'warning', text: 'Yes, late' })
    expect(explain(proposal({ yes: 4, no: 4, doubles: 3 }, { ...reached, contradicted: true }), quorum, 1_100)).to.deep.equal([
      '4 or more of 5 voters voted yes. That is a quorum.',
      'The other side has got the votes of a quorum, too: other members may have the opposite result. Talk to the other members before anyone acts on this result.'
    ])
  })
})

describe('page: what a key may do', () => {
  it('says what it may not, and nothing where it may do all', () => {
    expect([[true, true], [true, false], [false, true], [false, false]].map(([mayVote, mayPropose]) => describeRights({ mayVote, mayPropose }))).to.deep.equal([
      undefined,
      'this node may vote, not propose',
      'this node may propose, not vote',
      'this node looks on: it may neither vote nor propose'
    ])
  })
})

describe('page: what the node tells once', () => {
  it('is kept, the latest last, once for a proposal, and not beyond a number', () => {
    let tell: (event: NodeEvent) => void = () => {}
    const notes = new Notes({
      listen: listener => {
        tell = listener

        return () => {}
      }
    })
    let changes = 0

    const unwatch = notes.watch(() => { changes++ })

    const ownVote = (proposalId: number): NodeEvent => ({ id: '', type: 'own-vote', data: { scope: 'council', proposalId, choice: 'no' } })

    for (let proposalId = 1; proposalId <= 25; proposalId++) {
      tell(ownVote(proposalId))
    }

    tell(ownVote(20))
    tell({ id: '', type: 'trimmed', data: { scope: 'council', proposalId: 1 } })
    expect(changes).to.equal(26)
    expect(notes.list).to.have.lengthOf(20)
    expect(notes.list.slice(-3).map(({ data: { proposalId } }) => proposalId)).to.deep.equal([24, 25, 20])
    unwatch()
    tell(ownVote(1))
    expect(changes).to.equal(26)
  })
})

describe('page: payloads', () => {
  it('indents JSON without changing a number, a string or a key', () => {
    expect(indentJson('{"a":1.0,"a":[12345678901234567890,{}, []],"b{":"\\u0041,\\"}"}')).to.equal('{\n  "a": 1.0,\n  "a": [\n    12345678901234567890,\n    {},\n    []\n  ],\n  "b{": "\\u0041,\\"}"\n}')
    expect(indentJson('text')).to.equal(undefined)
    expect(indentJson('{"a":}')).to.equal(undefined)
    // no better for lines of its own
    expect(indentJson('12')).to.equal(undefined)
  })

  it('shows bytes with their offsets, and what of them is ASCII', () => {
    expect(hexDump(textToHex('libp2p-voting\n\u0001ä'))).to.equal([
      '0000  6c 69 62 70 32 70 2d 76 6f 74 69 6e 67 0a 01 c3  libp2p-voting...',
      `0010  a4${' '.repeat(45)}  .`
    ].join('\n'))
  })
})

describe('page: form', () => {
  const values: FormValues = { name: 'Question?', payloadForm: 'none', payload: '', time: '1.5', unit: 60, livenessCriteriaYes: false, voters: '3' }

  it('asks for what the scope leaves open, and for nothing else', () => {
    expect(toRequest(values, { open: false, sideIsOpen: false })).to.deep.equal({ request: { name: 'Question?', payload: undefined, timeoutSeconds: 90 } })
    expect(toRequest({ ...values, payloadForm: 'hex', payload: '0xAB 01' }, { open: true, sideIsOpen: true })).to.deep.equal({ request: { name: 'Question?', payload: '0xAB01', timeoutSeconds: 90, livenessCriteriaYes: false, expectedVotersCount: 3 } })
  })

  it('puts what the node found wrong at the fields, and the rest above them', () => {
    const problem = { type: 'urn:libp2p-voting:problem:InvalidInputError', title: 'Invalid request', status: 400 }

    expect(toFormErrors(new ApiProblemError({ ...problem, detail: '', errors: [{ field: 'name', message: 'must be short' }, { field: 'other', message: 'is odd' }] }))).to.deep.equal({ name: 'must be short', form: 'other: is odd' })
    expect(toFormErrors(new ApiProblemError({ ...problem, detail: 'The proposal is not valid in scope "a": payload must be at most 3 bytes, got 4' }))).to.deep.equal({ payload: 'must be at most 3 bytes, got 4' })
    expect(toFormErrors(new ApiProblemError({ ...problem, detail: 'The disk is full' }))).to.deep.equal({ form: 'The disk is full' })
  })

  it('gives times in the largest unit that they are whole in', () => {
    expect([45, 60, 90, 7_200, 172_800].map(seconds => toUnit(seconds))).to.deep.equal([{ time: '45', unit: 1 }, { time: '1', unit: 60 }, { time: '90', unit: 1 }, { time: '2', unit: 3_600 }, { time: '2', unit: 86_400 }])
  })
})

describe('page: times', () => {
  it('gives seconds only where they matter', () => {
    expect([0, 61.2, 599, 600, 7_200].map(formatCountdown)).to.deep.equal(['0:00', '1:02', '9:59', '10 minutes', '2 hours'])
    expect([1, 119, 120, 86_400].map(formatDuration)).to.deep.equal(['1 second', '119 seconds', '2 minutes', '24 hours'])
  })
})

describe('page: addresses of views', () => {
  it('reads what it writes, and nothing else', () => {
    const query = { scope: 'a.b-c_d', state: 'failed' as const, search: '#12 &=?ä' }

    expect(parseRoute(toHistory(query))).to.deep.equal({ view: 'history', ...query })
    expect(parseRoute('#/history?state=all')).to.deep.equal({ view: 'history', scope: undefined, state: undefined, search: undefined })
    expect(parseRoute('#/scopes/council/proposals/7')).to.deep.equal({ view: 'proposal', scope: 'council', proposalId: 7 })
    expect(parseRoute('#/scopes/../proposals/7/x').view).to.equal('unknown')
  })
})

describe('page: loading', () => {
  it('loads once at a time, and once more if it was asked meanwhile', async () => {
    let loads = 0
    let release = (): void => {}
    const ended: Array<Promise<void>> = []
    const loader = new Loader(async () => {
      loads++
      const load = new Promise<void>(resolve => { release = resolve })

      ended.push(load)
      await load
    })

    loader.request()
    loader.request()
    loader.request()
    expect(loads).to.equal(1)
    release()
    await ended[0]
    await pWaitFor(() => loads === 2)
    release()
    loader.stop()
    loader.request()
    expect(loads).to.equal(2)
  })
})
